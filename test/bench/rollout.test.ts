import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hour, minute, second } from '../../src/reboot/time/time.ts';
import { aPolicy, aPool, noon } from '../fakes/builders.ts';
import { floorOf, inThatOrder } from './rollout-floor.ts';
import { kuredTakes } from './rollout-kured.ts';
import { type ModelNode, modelNodes, ownTime } from './rollout-nodes.ts';
import { hundred, rolloutCases, twenty } from './rollout-rows.ts';
import { measure, rolloutRows, rolloutTable } from './rollout.ts';
import { seeded } from './seeded.ts';

const [serial] = rolloutCases(twenty);
if (!serial) throw new Error('there is no rollout to measure');

describe('a rollout of twenty nodes, one at a time in each pool', () => {
  it('takes hardly longer than its nodes need, and no scan is needed for that', async () => {
    const measured = await measure(serial, { shapes: twenty, seed: 1 });
    expect(measured.took).toBeGreaterThan(measured.floor);
    expect(rolloutRows([measured]).filter(({ ok }) => !ok)).toEqual([]);
  });

  it('misses the aim when who waits is found by scans only', async () => {
    const measured = await measure(serial, { shapes: twenty, seed: 1, scansOnly: 30 * second });
    expect(rolloutRows([measured]).map(({ ok }) => ok)).toEqual([false, false, false]);
  });

  it('is the same for the same seed, and another for another', async () => {
    const took = async (seed: number) => (await measure(serial, { shapes: twenty, seed })).took;
    expect(await took(2)).toBe(await took(2));
    expect(await took(2)).not.toBe(await took(3));
  });
});

it('every rollout of the bench comes to its end, and is told in the table', async () => {
  const cases = rolloutCases(twenty);
  const measured = await Promise.all(cases.map((each) => measure(each, { shapes: twenty, seed: 4 })));
  for (const { took, floor } of measured) expect(took).toBeGreaterThan(floor);
  const table = rolloutTable(measured);
  for (const { name } of cases) expect(table).toContain(name);
});

describe('the floor', () => {
  const node = (name: string, drain: number, more: Partial<ModelNode> = {}): ModelNode => ({
    name,
    pool: 'workers',
    zone: 'a',
    controlPlane: false,
    drain: drain * minute,
    boot: 0,
    ready: 0,
    stuck: 0,
    ...more,
  });
  const at = (overrides: Parameters<typeof aPool>[0], nodes: readonly ModelNode[], cluster = 99): number =>
    floorOf(
      aPolicy({ concurrency: cluster, pools: [aPool({ settleTime: minute, ...overrides })] }),
      nodes,
      noon,
    ) / minute;
  const [two, four, eight] = [node('n2', 1), node('n4', 3), node('n8', 7)];

  it.each([
    ['is the sum of all, one at a time', {}, [two, four, eight], 99, 14],
    [
      'is shared by as many as may be out',
      { concurrency: 2, maxUnavailable: { count: 2 } },
      [two, four, eight],
      99,
      8,
    ],
    [
      'is limited by the cluster too',
      { concurrency: 2, maxUnavailable: { count: 2 } },
      [two, four, eight],
      1,
      14,
    ],
    ['is never less than the longest', { concurrency: 9, maxUnavailable: { count: 9 } }, [two, eight], 99, 8],
    [
      'adds up the zones that follow one another',
      { concurrency: 2, maxUnavailable: { count: 2 }, topology: { label: 'zone', atOnce: 1 } },
      [two, four, node('b', 7, { zone: 'b' })],
      99,
      12,
    ],
    ['waits for budgets that hold', {}, [two, node('s', 3, { stuck: hour })], 99, 64],
    [
      'bakes each stage but the last',
      { rollout: { canary: 1, bake: hour, batches: [100] } },
      [two, four],
      99,
      66,
    ],
    [
      'puts the control plane after the rest',
      { concurrency: 9, maxUnavailable: { count: 9 } },
      [two, eight, node('cp', 4, { controlPlane: true })],
      99,
      13,
    ],
  ])('%s', (_, pool, nodes, cluster, expected) => {
    expect(at(pool, nodes, cluster)).toBeCloseTo(expected, 6);
  });

  it('is not above what any order takes without a wait', () => {
    const shapes = [
      { name: 'a', nodes: 5 },
      { name: 'b', nodes: 3 },
      { name: 'cp', nodes: 2, controlPlane: true as const },
    ];
    const limits = fc.record({
      seed: fc.nat(),
      cluster: fc.integer({ min: 1, max: 4 }),
      out: fc.integer({ min: 1, max: 3 }),
      zones: fc.boolean(),
    });
    fc.assert(
      fc.property(limits, ({ seed, cluster, out, zones }) => {
        const nodes = modelNodes(shapes, seed);
        const pools = shapes.map(({ name }) =>
          aPool({
            name,
            selector: `pool=${name}`,
            concurrency: out,
            maxUnavailable: { count: out },
            ...(zones ? { topology: { label: 'topology.kubernetes.io/zone', atOnce: 1 } } : {}),
          }),
        );
        const policy = aPolicy({ concurrency: cluster, pools });
        const order = inThatOrder(
          policy,
          nodes,
          nodes.map(({ name }) => name),
        );
        expect(order).toBeGreaterThanOrEqual(floorOf(policy, nodes, noon) - 1);
        expect(order).toBeLessThanOrEqual(nodes.reduce((sum, each) => sum + ownTime(each, minute), 0));
      }),
      { numRuns: 200 },
    );
  });
});

describe("kured's loop, modelled", () => {
  // docs/benchmarks.md says where these come from: hours for so many nodes that hold the one lock for so many
  // minutes each, looking hourly.
  it.each([
    [10, 5, 2.8],
    [20, 5, 4.5],
    [50, 5, 8.7],
    [100, 5, 15],
    [10, 10, 4],
  ])(
    'takes %i nodes of %i min each %d h with one lock and a period of one hour',
    (nodes, minutes, expected) => {
      const runs = Array.from({ length: 100 }, (_, seed) =>
        kuredTakes({
          holds: Array.from({ length: nodes }, () => () => minutes * minute),
          locks: 1,
          period: hour,
          random: seeded(seed),
        }),
      );
      const mean = runs.reduce((sum, each) => sum + each, 0) / runs.length / hour;
      expect(mean / expected).toBeGreaterThan(0.9);
      expect(mean / expected).toBeLessThan(1.1);
    },
  );
});

it('the hundred nodes are a hundred', () => {
  expect(modelNodes(hundred, 1)).toHaveLength(100);
});
