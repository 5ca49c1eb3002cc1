/**
 * The plan alone, which decides what starts: its time by the number of nodes, of which two in five are
 * approved.
 */
import { performance } from 'node:perf_hooks';
import type { Policy, PoolPolicy } from '../../src/reboot/policy/policy.ts';
import { plan } from '../../src/reboot/scheduling/plan/plan.ts';
import type { Snapshot } from '../../src/reboot/scheduling/snapshot/snapshot.ts';
import { isIn, type Reboot } from '../../src/reboot/state/reboot.ts';
import { aDecision, aNode, aPolicy, aPool, aReboot, at, noon } from '../fakes/builders.ts';
import { type Bench, percentile, row, type Row } from './report.ts';
import { growthOf } from './scale/growth.ts';

const sizes = [500, 1_000, 2_500, 5_000, 10_000];
const shareApproved = 0.4;
const underWay = 20;
const repeats = 60;

interface Shape {
  readonly what: string;
  readonly pools: readonly Partial<PoolPolicy>[];
}

const zoneLabel = 'topology.kubernetes.io/zone';
const shapes: readonly Shape[] = [
  { what: 'one pool', pools: [{}] },
  { what: 'one pool, zone by zone', pools: [{ topology: { label: zoneLabel, atOnce: 1 } }] },
  { what: 'one pool, in stages', pools: [{ rollout: { canary: 100, batches: [25, 50], bake: 0 } }] },
  {
    what: 'ten pools and a control plane',
    pools: Array.from({ length: 10 }, (_, nth) => ({ selector: `pool=${nth}` })),
  },
];

function policyOf({ pools }: Shape): Policy {
  const limits = { concurrency: underWay, maxUnavailable: { count: 100 } } as const;
  return aPolicy({
    concurrency: underWay,
    pools: pools.map((pool, nth) => aPool({ ...limits, selector: '', name: `pool-${nth}`, ...pool })),
  });
}

function snapshotOf(shape: Shape, size: number): Snapshot {
  const { length: pools } = shape.pools;
  const nodes = Array.from({ length: size }, (_, index) =>
    aNode({
      name: `worker-${index}`,
      labels: { pool: String(index % pools), [zoneLabel]: `zone-${index % 3}` },
    }),
  );
  const reboots = nodes.slice(0, size * shareApproved).map(({ name, uid }, index): Reboot => {
    const decision = aDecision();
    // In the middle, as far from a search through all of them as from luck.
    const isOut = index % ((size * shareApproved) / underWay) === underWay / 2;
    return aReboot({
      name: `reboot-${index}`,
      node: { name, uid },
      pool: `pool-${index % pools}`,
      facts: { osImage: 'Ubuntu 24.04.1 LTS', controlPlane: pools > 1 && index >= size * shareApproved - 3 },
      state: isOut
        ? { phase: 'Draining', since: at(0), decision, deadline: at(900_000) }
        : { phase: 'Approved', since: at(0), decision },
    });
  });
  const turns = reboots
    .filter((reboot) => isIn(reboot, 'Draining'))
    .map(({ name, node, pool }) => ({
      reboot: name,
      node: node.name,
      pool,
      controlPlane: false,
      zone: 'zone-0',
      since: at(0),
    }));
  return { nodes, reboots, ledger: { turns }, heardAt: noon, pauses: [], ownNodes: ['worker-1'] };
}

function timesOf(shape: Shape, size: number): readonly number[] {
  const [policy, snapshot] = [policyOf(shape), snapshotOf(shape, size)];
  const once = (): number => {
    const begun = performance.now();
    plan(snapshot, policy, noon);
    return performance.now() - begun;
  };
  // The first ones are compiled.
  for (let warm = 0; warm < 10; warm += 1) once();
  return Array.from({ length: repeats }, once).map((ms) => Math.round(ms * 100) / 100);
}

function rowsOf(shape: Shape): readonly Row[] {
  const measured = sizes.map((size) => ({ size, times: timesOf(shape, size) }));
  const largest = measured.find(({ size }) => size === 5_000)?.times ?? [];
  const growth = growthOf(measured.map(({ size, times }) => ({ size, value: percentile(times, 0.5) })));
  return [
    row({ what: `${shape.what}: 5000 nodes, 2000 approved`, unit: 'ms', share: 0.99, limit: 50 }, largest),
    row({ what: `${shape.what}: growth`, unit: 'exponent of nodes', share: 1, limit: 1.15 }, [growth]),
  ];
}

export const planBench: Bench = async () => shapes.flatMap(rowsOf);
