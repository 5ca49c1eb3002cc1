import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import type { ManyRequest } from '../../../src/reboot/pool-digest/many-request.ts';
import { aNode, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';
import { runsOf, outcomeCounts } from '../../property-runs.ts';

const mia = aPerson();
const lee = aPerson({ id: 'U0LEE', name: 'lee' });

/** Eight nodes ask in a digest, and nothing may start. */
async function askingHarness(approvalsNeeded = 2) {
  const pool = aPool({ digestFrom: 4, approvalsNeeded });
  const harness = serviceHarness(aPolicy({ pools: [pool] }));
  for (let index = 1; index <= 8; index += 1) {
    harness.cluster.addNode(aNode({ name: `n${index}` }), { report: aReport() });
    await harness.queue.reconcileNode(`n${index}`);
  }
  await harness.settle();
  const [digest] = harness.digests.all();
  if (!digest) throw new Error('no digest');
  return { harness, digest };
}

const requests: readonly ManyRequest[] = [
  { kind: 'approve', mode: 'now' },
  { kind: 'deny', reason: 'release' },
  { kind: 'snooze', until: Date.UTC(2026, 10, 22, 12) + hour },
];

const recordedAs: Readonly<Record<string, string>> = {
  approve: 'approved',
  deny: 'denied',
  snooze: 'snoozed',
};

const meddling = fc.record({
  node: fc.integer({ min: 1, max: 8 }),
  act: fc.constantFrom('packages', 'cancel-and-ask-again', 'deny', 'delete'),
});

interface Story {
  readonly request: ManyRequest;
  /** After how many saves each run of the job dies. */
  readonly deaths: readonly number[];
  /** What happens between the runs. */
  readonly meddlings: readonly { readonly node: number; readonly act: string }[];
}

async function tell(
  { request, deaths, meddlings }: Story,
  met: ReturnType<typeof outcomeCounts<Met>>,
): Promise<void> {
  const { harness, digest } = await askingHarness();
  const shown = new Map(harness.store.all().map(({ name, need }) => [name, need.digest]));
  const asked = { digest: digest.id, revision: digest.revision, request };
  expect(await harness.service.decideAll(asked, mia)).toMatchObject({ ok: true, nodes: 8 });
  harness.waiting.length = 0;
  const deleted = new Set<string>();
  const changed = new Set<string>();
  for (const [index, saves] of deaths.entries()) {
    met.saw('interrupted', await dies(harness, saves));
    const meddled = meddlings[index];
    const reboot = harness.store.all().find(({ node }) => node.name === `n${meddled?.node}`);
    if (!meddled || !reboot) continue;
    met.saw('meddled');
    if (meddled.act === 'packages') {
      harness.store.put({ ...reboot, need: { ...reboot.need, digest: 'other' } });
      changed.add(reboot.name);
    } else if (meddled.act === 'delete') {
      await harness.store.remove(reboot.name);
      deleted.add(reboot.name);
    } else if (meddled.act === 'deny') {
      await harness.service.decide(reboot.name, { kind: 'deny', reason: 'mine' }, lee);
    } else {
      await harness.service.decide(reboot.name, { kind: 'cancel' }, lee);
      await harness.service.decide(reboot.name, { kind: 'ask-again' }, lee);
    }
  }
  await harness.service.spread('workers');
  await harness.service.spread('workers');
  const [after] = harness.digests.all();
  const result = after?.decisions[0]?.result;
  expect(result).toBeDefined();
  expect((result?.applied ?? 0) + (result?.refused ?? 0)).toBe(8);
  for (const { name, history } of harness.store.all()) {
    const times = history.filter(
      ({ what, by }) => what === recordedAs[request.kind] && by?.kind === 'user' && by.id === mia.id,
    );
    expect(times.length, `${name} is decided on once at most`).toBeLessThanOrEqual(1);
    met.saw('applied', times.length === 1);
    met.saw('refused', times.length === 0);
    for (const { digest: on } of times) if (on !== undefined) expect(on).toBe(shown.get(name));
    const isRefused = result?.refusals.some(({ reboot }) => reboot === name) === true;
    if (times.length === 0) expect(isRefused, `${name} is told of`).toBe(true);
  }
  const untouched = harness.store.all().filter(({ name }) => !changed.has(name));
  expect(untouched.length + changed.size + deleted.size).toBeGreaterThanOrEqual(8);
}

/** Runs the job, which dies at a save. True if it did. */
async function dies(
  harness: Awaited<ReturnType<typeof askingHarness>>['harness'],
  saves: number,
): Promise<boolean> {
  let left = saves;
  const { store } = harness;
  const save = store.save.bind(store);
  store.save = async (reboot) => {
    if (left === 0) throw new PortError('cluster-unreachable', 'died', { retryable: true });
    left -= 1;
    return save(reboot);
  };
  try {
    await harness.service.spread('workers');
    return false;
  } catch {
    return true;
  } finally {
    store.save = save;
  }
}

type Met = 'interrupted' | 'meddled' | 'applied' | 'refused';

describe('a decision for many that is interrupted', () => {
  it('reaches each Reboot once, with the packages that were shown, or says why not', async () => {
    const met = outcomeCounts<Met>();
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          request: fc.constantFrom(...requests),
          deaths: fc.array(fc.nat({ max: 7 }), { minLength: 1, maxLength: 3 }),
          meddlings: fc.array(meddling, { minLength: 1, maxLength: 3 }),
        }),
        (story) => tell(story, met),
      ),
      { numRuns: runsOf(40) },
    );
    met.atLeast({ interrupted: 30, meddled: 20, applied: 100, refused: 5 });
  });
});

describe('a decision for many that takes long to be applied', () => {
  it('has its first node cordoned before the others are decided', async () => {
    const { harness, digest } = await askingHarness(1);
    const request = { kind: 'approve', mode: 'now' } as const;
    await harness.service.decideAll({ digest: digest.id, revision: digest.revision, request }, mia);
    harness.waiting.length = 0;
    const { store } = harness;
    const save = store.save.bind(store);
    const [isFirst, go] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let first: string | undefined;
    store.save = async (reboot) => {
      if (reboot.state.phase !== 'Approved' || reboot.name === first) return save(reboot);
      if (first !== undefined) await go.promise;
      first ??= reboot.name;
      const saved = await save(reboot);
      isFirst.resolve();
      return saved;
    };
    const spread = harness.service.spread('workers');
    await isFirst.promise;
    // What the first one asks for once it is stored.
    await expect.poll(() => harness.waiting.some(({ kind }) => kind === 'plan')).toBe(true);
    // The digest would ask for the same job once more, which is at work.
    const push = harness.waiting.push.bind(harness.waiting);
    harness.waiting.push = (...jobs) => push(...jobs.filter(({ kind }) => kind !== 'spread'));
    await harness.settle();
    const phases = (): readonly string[] => harness.store.all().map(({ state }) => state.phase);
    expect(phases().filter((phase) => phase === 'Pending')).toHaveLength(7);
    expect(harness.cluster.nodes().filter(({ unschedulable }) => unschedulable)).toHaveLength(1);
    go.resolve();
    await spread;
    expect(phases()).not.toContain('Pending');
  });
});
