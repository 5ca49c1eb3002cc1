/** Each gate: it blocks and says why, what would clear it, and it clears. */
import { describe, expect, it } from 'vitest';
import { admit } from '../../src/reboot/ledger.ts';
import { type Snapshot, turnFor } from '../../src/reboot/gates/situation.ts';
import type { Pause } from '../../src/reboot/pauses.ts';
import { plan } from '../../src/reboot/plan.ts';
import type { PoolPolicy } from '../../src/reboot/policy.ts';
import type { Reboot, RebootState } from '../../src/reboot/reboot.ts';
import { hour, minute } from '../../src/reboot/time.ts';
import {
  aDecision,
  aNeed,
  aNode,
  aPolicy,
  aPool,
  aReboot,
  aWindow,
  at,
  mia,
  noon,
} from '../fakes/builders.ts';
import { draining } from '../fakes/states.ts';

const rule = { kind: 'window', pool: 'workers', window: 'Sun 11:00–13:00 UTC' } as const;
const approval = (by: typeof rule | typeof mia, mode: 'now' | 'window' = 'now') => ({
  by,
  at: at(0),
  mode,
  digest: '4f1c',
  riskDigest: 'aaaa',
});
const approved = (mode: 'now' | 'window' = 'now', by: typeof rule | typeof mia = mia): RebootState => ({
  phase: 'Approved',
  since: at(0),
  decision: aDecision({ mode, approvals: [approval(by, mode)] }),
});
const succeeded = (ended: number, overrides: { newBootId?: string; total?: number } = {}): RebootState => ({
  phase: 'Succeeded',
  since: at(ended),
  decision: aDecision(),
  cordon: 'us',
  newBootId: overrides.newBootId ?? 'boot-1',
  kernel: 'k',
  pods: 1,
  took: { drain: 1, boot: 1, settle: 1, total: overrides.total ?? 5 * minute },
  tidied: true,
});
const rebootOf = (node: string, state: RebootState = approved(), overrides: Partial<Reboot> = {}): Reboot =>
  aReboot({ name: `${node}-${state.phase}`, node: { name: node, uid: `uid-${node}` }, state, ...overrides });

function scene(pool: Partial<PoolPolicy>, reboots: readonly Reboot[], rest: Partial<Snapshot> = {}) {
  const policy = aPolicy({
    concurrency: 9,
    pools: [aPool({ concurrency: 9, maxUnavailable: { count: 9 }, ...pool })],
  });
  const nodes = ['w1', 'w2', 'w3', 'w4'].map((name) => aNode({ name, uid: `uid-${name}` }));
  const snapshot: Snapshot = {
    nodes,
    reboots,
    ledger: { turns: [] },
    heardAt: noon,
    pauses: [],
    ownNodes: [],
    ...rest,
  };
  return (now = noon) => plan({ ...snapshot, heardAt: now }, policy, now);
}
const blockersOf = (made: ReturnType<typeof plan>, node: string) =>
  made.blocked.get(`${node}-Approved`) ?? [];

describe('a pause', () => {
  const pause = (overrides: Partial<Pause> = {}): Pause => ({
    scope: { kind: 'cluster' },
    by: mia,
    at: at(-hour),
    reason: 'storage migration',
    ...overrides,
  });

  it.each<[string, Pause, string]>([
    ['of the cluster', pause(), 'The whole cluster is paused by @mia: storage migration.'],
    [
      'of its pool',
      pause({ scope: { kind: 'pool', pool: 'workers' } }),
      'Pool workers is paused by @mia: storage migration.',
    ],
    [
      'of its node',
      pause({ scope: { kind: 'node', node: 'w1' } }),
      'w1 is paused by @mia: storage migration.',
    ],
    ['written by hand', { scope: { kind: 'cluster' } }, 'The whole cluster is paused.'],
  ])('%s blocks', (_, given, sentence) => {
    const made = scene({}, [rebootOf('w1')], { pauses: [given] })();
    expect(blockersOf(made, 'w1')).toMatchObject([{ code: 'paused', sentence }]);
  });

  it.each<[string, Pause]>([
    ['of another pool', pause({ scope: { kind: 'pool', pool: 'db' } })],
    ['of another node', pause({ scope: { kind: 'node', node: 'w2' } })],
    ['that is over', pause({ until: at(0) })],
  ])('%s does not', (_, given) => {
    expect(scene({}, [rebootOf('w1')], { pauses: [given] })().starts).toEqual(['w1-Approved']);
  });

  it('with an end says when it clears, and each of several is named', () => {
    const pauses = [pause({ scope: { kind: 'node', node: 'w1' } }), pause({ until: at(hour) })];
    const blockers = blockersOf(scene({}, [rebootOf('w1')], { pauses })(), 'w1');
    expect(blockers).toMatchObject([
      {
        sentence: expect.stringContaining('cluster'),
        until: noon + hour,
        clears: expect.stringContaining('/reboot resume cluster'),
      },
      { sentence: expect.stringContaining('w1'), clears: expect.stringContaining('/reboot resume w1') },
    ]);
  });
});

describe('the least time between reboots', () => {
  it('of a pool keeps the next one waiting until it is over', () => {
    const made = scene({ minTimeBetween: { pool: 30 * minute, node: 0 } }, [
      rebootOf('w1'),
      rebootOf('w2', succeeded(-10 * minute)),
      rebootOf('w3', succeeded(-50 * minute)),
    ]);
    expect(blockersOf(made(), 'w1')).toMatchObject([
      {
        code: 'too-soon',
        sentence: 'Reboots of pool workers are 30 min apart, and w2 was the last.',
        until: noon + 20 * minute,
      },
    ]);
    expect(made(noon + 20 * minute).starts).toEqual(['w1-Approved']);
  });

  it('of a node counts its own reboots only, also those that were given up or cancelled in the drain', () => {
    const between = { minTimeBetween: { pool: 0, node: 24 * hour } };
    const cancelled: RebootState = {
      phase: 'Cancelled',
      since: at(-hour),
      by: mia,
      from: 'Draining',
      tidied: true,
    };
    const before = rebootOf('w1', cancelled, { bootId: 'boot-0' });
    const other = rebootOf('w2', succeeded(-minute));
    expect(blockersOf(scene(between, [rebootOf('w1'), before, other])(), 'w1')).toMatchObject([
      { code: 'too-soon', until: noon + 23 * hour },
    ]);
    const undisturbed: RebootState = { ...cancelled, from: 'Approved' };
    expect(scene(between, [rebootOf('w1'), rebootOf('w1', undisturbed)])().starts).toEqual(['w1-Approved']);
  });
});

describe('a node that asks again right after its boot', () => {
  const before = rebootOf('w1', succeeded(-10 * minute, { newBootId: 'boot-1' }), { bootId: 'boot-0' });
  const again = (by: typeof rule | typeof mia): Reboot =>
    rebootOf('w1', approved('now', by), { need: aNeed({ since: at(-6 * minute) }) });

  it('is not started by a rule', () => {
    expect(
      blockersOf(scene({ loopGuard: 30 * minute, approval: 'auto' }, [again(rule), before])(), 'w1'),
    ).toMatchObject([
      {
        code: 'reboot-loop',
        sentence: 'w1 asked again 4 min after its last reboot, so no rule may start it.',
      },
    ]);
  });

  it.each([
    ['a person approved it', { loopGuard: 30 * minute }, mia],
    ['it took longer', { loopGuard: 4 * minute }, rule],
    ['the pool wants no guard', { loopGuard: 0 }, rule],
  ])('is when %s', (_, pool, by) => {
    expect(scene({ approval: 'auto', ...pool }, [again(by), before])().starts).toEqual(['w1-Approved']);
  });
});

describe('a window that closes too soon', () => {
  // Sunday 11:00–13:00 UTC: an hour is left at noon.
  const pool = {
    windows: [aWindow({ days: ['sun'], start: 11 * 60, length: 120, timeZone: 'UTC' })],
  };
  const long = rebootOf('w2', succeeded(-24 * hour, { total: 61 * minute }));

  it('is not begun in, and the next one is named', () => {
    const blockers = blockersOf(scene(pool, [rebootOf('w1', approved('window')), long])(), 'w1');
    expect(blockers).toMatchObject([
      {
        code: 'would-not-finish',
        sentence:
          'The window closes before it would be done: the last reboots of pool workers took up to 1 h 1 min.',
        until: noon - hour + 7 * 24 * hour,
      },
    ]);
  });

  it.each<[string, Partial<PoolPolicy>, RebootState, readonly Reboot[]]>([
    ['it was approved for now', pool, approved('now'), [long]],
    ['the pool says so', { ...pool, finishInWindow: false }, approved('window'), [long]],
    ['nothing is known of the past', pool, approved('window'), []],
    ['it would fit', pool, approved('window'), [rebootOf('w2', succeeded(-hour, { total: hour }))]],
  ])('is all the same when %s', (_, given, state, others) => {
    expect(scene(given, [rebootOf('w1', state), ...others])().starts).toEqual(['w1-Approved']);
  });
});

describe('zones', () => {
  const label = 'topology.kubernetes.io/zone';
  const pool = { topology: { label, atOnce: 1 } };
  const nodes = [
    ['w1', 'a'],
    ['w2', 'b'],
    ['w3', 'a'],
    ['w4', 'b'],
  ].map(([name = '', zone = '']) => aNode({ name, uid: `uid-${name}`, labels: { [label]: zone } }));
  const since = (minutes: number): Partial<Reboot> => ({ need: aNeed({ since: at(-minutes * minute) }) });

  it('are done one after the other, whatever the age of the needs', () => {
    const reboots = [
      rebootOf('w2', approved(), since(90)),
      rebootOf('w1', approved(), since(80)),
      rebootOf('w4', approved(), since(70)),
      rebootOf('w3', approved(), since(1)),
    ];
    const made = scene(pool, reboots, { nodes })();
    expect(made.starts).toEqual(['w1-Approved', 'w3-Approved']);
    expect(blockersOf(made, 'w2')).toMatchObject([
      {
        code: 'zone-busy',
        sentence: expect.stringContaining(
          `Pool workers has nodes of 1 zone out at once, by ${label}: w1 (a)`,
        ),
        clears: 'It starts when that zone is done.',
      },
    ]);
  });

  it('that were begun are gone on with before another', () => {
    const under = rebootOf('w2', draining());
    const turn = turnFor(under, { pool: aPool(pool), nodes, now: noon });
    const reboots = [under, rebootOf('w1'), rebootOf('w4')];
    expect(scene(pool, reboots, { nodes, ledger: { turns: [turn] } })().starts).toEqual(['w4-Approved']);
    const done = [rebootOf('w2', succeeded(-minute)), rebootOf('w1'), rebootOf('w4')];
    expect(scene(pool, done, { nodes })().starts).toEqual(['w4-Approved']);
  });

  it('are counted in the very write that takes a turn', () => {
    const turnIn = (node: string) => turnFor(rebootOf(node), { pool: aPool(pool), nodes, now: noon });
    const limits = { cluster: 9, pool: 9, zones: 1 };
    const held = { turns: [turnIn('w1')] };
    expect(admit(held, turnIn('w3'), limits)).toEqual({ taken: true });
    expect(admit(held, turnIn('w2'), limits)).toMatchObject({ taken: false, why: 'zone' });
    expect(admit(held, turnIn('w2'), { ...limits, zones: 2 })).toEqual({ taken: true });
  });

  it('a node without the label is in a zone of its own', () => {
    const odd = [...nodes.slice(0, 1), aNode({ name: 'w2', uid: 'uid-w2', labels: {} })];
    const made = scene(pool, [rebootOf('w1'), rebootOf('w2')], { nodes: odd })();
    expect(made.starts).toHaveLength(1);
  });
});

describe('the order among needs of the same hour', () => {
  const impact = (podsToMove: number, blocked = false): Partial<Reboot> => ({
    impact: {
      at: at(0),
      podsToMove,
      podsStaying: 0,
      blockedBy: blocked ? [{ budget: 'db/pg', needed: 2, healthy: 2, allowed: 0, pod: 'db/pg-0' }] : [],
      lost: [],
      emptyDir: [],
      refusals: [],
    },
  });

  it('is: no budget in the way, then the fewest pods', () => {
    const reboots = [
      rebootOf('w1', approved(), impact(1, true)),
      rebootOf('w2', approved(), impact(9)),
      rebootOf('w3', approved(), impact(3)),
    ];
    expect(scene({}, reboots)().starts).toEqual(['w3-Approved', 'w2-Approved', 'w1-Approved']);
  });

  it('is the age of the need where that differs by more', () => {
    const old = rebootOf('w1', approved(), { ...impact(9, true), need: aNeed({ since: at(-3 * hour) }) });
    expect(scene({}, [rebootOf('w2', approved(), impact(1)), old])().starts[0]).toBe('w1-Approved');
  });
});

describe('a rollout in stages', () => {
  const nodes = Array.from({ length: 20 }, (_, n) => aNode({ name: `n${n + 1}`, uid: `uid-n${n + 1}` }));
  const pool = { rollout: { canary: 1, bake: 30 * minute, batches: [10, 50, 100] } };
  const all = (from: number): readonly Reboot[] => nodes.slice(from).map(({ name }) => rebootOf(name));
  const done = (count: number, last: number): readonly Reboot[] =>
    nodes
      .slice(0, count)
      .map(({ name }, nth) => rebootOf(name, succeeded(last - (count - 1 - nth) * minute)));
  const startsWith = (count: number, last: number): number =>
    scene(pool, [...done(count, last), ...all(count)], { nodes })().starts.length;

  it('starts with the canary', () => {
    expect(startsWith(0, 0)).toBe(1);
    const waiting = blockersOf(scene(pool, all(0), { nodes })(), 'n20');
    expect(waiting).toMatchObject([
      {
        code: 'rollout-waits',
        sentence: 'The pool is at its canary, 1 node in all: 0 of 20 nodes of pool workers are done.',
        clears: 'It starts when those are done and have been well for 30 min.',
      },
    ]);
  });

  it.each([
    ['while the canary bakes, nothing', 1, -29 * minute, 0],
    ['after it, up to a tenth', 1, -30 * minute, 1],
    ['while the tenth bakes, nothing', 2, -10 * minute, 0],
    ['after it, up to half, as far as turns allow', 2, -31 * minute, 8],
    ['after half, the rest', 10, -31 * minute, 9],
  ])('lets start %s', (_, count, last, starts) => {
    expect(startsWith(count, last)).toBe(starts);
  });

  it('says when the next stage begins', () => {
    const made = scene(pool, [...done(1, -10 * minute), ...all(1)], { nodes });
    expect(blockersOf(made(), 'n2')).toMatchObject([
      {
        sentence:
          'The pool has done its canary and watches it for 30 min: 1 of 20 nodes of pool workers are done.',
        until: noon + 20 * minute,
      },
    ]);
    expect(made(noon + 20 * minute).starts).toHaveLength(1);
  });

  it('is one for each kernel', () => {
    const next = aNeed({ kernel: { running: 'a', next: '6.8.0-111-generic' } });
    const reboots = [
      ...done(10, -hour),
      rebootOf('n11', approved(), { need: next }),
      rebootOf('n12', approved(), { need: next }),
    ];
    expect(scene(pool, reboots, { nodes })().starts).toHaveLength(1);
  });

  it('knows a node by its kernel when the record is gone', () => {
    const next = '6.8.0-49-generic';
    const [first, ...rest] = nodes;
    if (first === undefined) throw new Error('no nodes');
    const given = [{ ...first, kernel: next }, ...rest];
    const need = aNeed({ kernel: { running: 'a', next } });
    const reboots = rest.map(({ name }) => rebootOf(name, approved(), { need }));
    expect(scene(pool, reboots, { nodes: given })().starts).toHaveLength(1);
    expect(scene(pool, reboots, { nodes })().starts).toHaveLength(1);
    expect(blockersOf(scene(pool, reboots, { nodes: given })(), 'n20')).toMatchObject([
      { sentence: expect.stringContaining('batch 1 of its rollout, 2 nodes in all: 1 of 20') },
    ]);
  });

  it('counts those that are under way', () => {
    const under = rebootOf('n1', draining());
    const turn = turnFor(under, { pool: aPool(pool), nodes, now: noon });
    expect(scene(pool, [under, ...all(1)], { nodes, ledger: { turns: [turn] } })().starts).toEqual([]);
  });
});
