import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { admit, withTurn } from '../../src/reboot/ledger.ts';
import { type Snapshot, turnFor } from '../../src/reboot/gates/situation.ts';
import { plan } from '../../src/reboot/plan.ts';
import { mostOut } from '../../src/reboot/pools.ts';
import type { Policy } from '../../src/reboot/policy.ts';
import type { Failed, Reboot, RebootState } from '../../src/reboot/reboot.ts';
import { minute, toTimestamp } from '../../src/reboot/time.ts';
import { wakeAt } from '../../src/reboot/wake.ts';
import { aDecision, aNode, aPolicy, aPool, aReboot, aWindow, at, mia, noon } from '../fakes/builders.ts';

const approved: RebootState = { phase: 'Approved', since: at(0), decision: aDecision() };
const forWindow: RebootState = { phase: 'Approved', since: at(0), decision: aDecision({ mode: 'window' }) };
const draining: RebootState = {
  phase: 'Draining',
  since: at(-minute),
  deadline: at(minute),
  decision: aDecision(),
  cordon: 'us',
};
const failed: Failed = {
  phase: 'Failed',
  since: at(0),
  code: 'drain-timeout',
  sentence: 'x',
  from: draining,
  tidied: true,
};

const turnOf = (reboot: Reboot) => turnFor(reboot, { pool: aPool(), nodes: [], now: noon });
const rebootOf = (node: string, overrides: Partial<Reboot> = {}): Reboot =>
  aReboot({ name: `${node}-r`, node: { name: node, uid: `uid-${node}` }, state: approved, ...overrides });

const snapshot = (overrides: Partial<Snapshot> = {}): Snapshot => ({
  nodes: ['w1', 'w2', 'w3', 'w4'].map((name) => aNode({ name })),
  reboots: [],
  ledger: { turns: [] },
  heardAt: noon,
  pauses: [],
  ownNodes: [],
  ...overrides,
});
const roomy = aPolicy({ concurrency: 9, pools: [aPool({ concurrency: 9, maxUnavailable: { count: 9 } })] });
const codes = (given: Snapshot, policy: Policy, name: string): readonly string[] =>
  plan(given, policy, noon)
    .blocked.get(name)
    ?.map(({ code }) => code) ?? [];

describe('the plan', () => {
  it('starts what is approved, and nothing else', () => {
    const given = snapshot({
      reboots: [rebootOf('w1'), aReboot({ name: 'w2-r', node: { name: 'w2', uid: 'u' } })],
    });
    expect(plan(given, roomy, noon).starts).toEqual(['w1-r']);
  });

  it('takes the oldest need first, workers before the control plane, its own nodes last', () => {
    const since = (minutes: number) => ({ ...aReboot().need, since: at(-minutes * minute) });
    const given = snapshot({
      nodes: ['a', 'b', 'c', 'own'].map((name) => aNode({ name })),
      reboots: [
        rebootOf('own', { need: since(90) }),
        rebootOf('a', { need: since(5) }),
        rebootOf('b', { need: since(50) }),
      ],
      ownNodes: ['own'],
    });
    expect(plan(given, roomy, noon).starts).toEqual(['b-r', 'a-r', 'own-r']);
  });

  it('waits for the window with what was approved for it, and not with what was approved for now', () => {
    const policy = aPolicy({
      concurrency: 2,
      pools: [aPool({ concurrency: 2, maxUnavailable: { count: 2 }, windows: [aWindow()] })],
    });
    const given = snapshot({ reboots: [rebootOf('w1', { state: forWindow }), rebootOf('w2')] });
    const { starts, blocked } = plan(given, policy, noon);
    expect(starts).toEqual(['w2-r']);
    expect(blocked.get('w1-r')).toMatchObject([{ code: 'outside-window', until: Date.UTC(2026, 10, 24, 1) }]);
    const opens = Date.UTC(2026, 10, 24, 1);
    expect(plan({ ...given, heardAt: opens }, policy, opens).starts).toContain('w1-r');
  });

  it('gives one turn to a pool of concurrency 1 and tells the others who goes first', () => {
    const policy = aPolicy({ concurrency: 9, pools: [aPool({ maxUnavailable: { count: 9 } })] });
    const { starts, blocked } = plan(snapshot({ reboots: [rebootOf('w1'), rebootOf('w2')] }), policy, noon);
    expect(starts).toEqual(['w1-r']);
    expect(blocked.get('w2-r')?.[0]?.sentence).toBe('w1 has the one turn of pool workers; it goes first.');
  });

  it('keeps the turns of the whole cluster', () => {
    const policy = aPolicy({
      concurrency: 1,
      pools: [aPool({ name: 'a', selector: 'pool=a' }), aPool({ name: 'b' })],
    });
    const given = snapshot({
      nodes: [aNode({ name: 'w1', labels: { pool: 'a' } }), aNode({ name: 'w2' })],
      reboots: [rebootOf('w1', { pool: 'a' }), rebootOf('w2', { pool: 'b' })],
    });
    expect(plan(given, policy, noon).starts).toHaveLength(1);
    expect(codes(given, policy, 'w2-r')).toContain('cluster-turns-taken');
  });

  it.each([
    ['not Ready', { ready: false }, 'w2 is not Ready'],
    ['cordoned by anybody', { unschedulable: true }, 'w2 is cordoned'],
  ])('counts nodes that are %s as out of service', (_, state, words) => {
    const policy = aPolicy({ pools: [aPool({ maxUnavailable: { count: 1 } })] });
    const given = snapshot({
      nodes: [aNode({ name: 'w1' }), aNode({ name: 'w2', ...state })],
      reboots: [rebootOf('w1')],
    });
    expect(plan(given, policy, noon).blocked.get('w1-r')?.[0]).toMatchObject({ code: 'too-many-out' });
    expect(plan(given, policy, noon).blocked.get('w1-r')?.[0]?.sentence).toContain(words);
  });

  it('does not count the node itself: rebooting what is out already disturbs nobody more', () => {
    const given = snapshot({
      nodes: [aNode({ name: 'w1', ready: false }), aNode({ name: 'w2' })],
      reboots: [rebootOf('w1')],
    });
    expect(plan(given, aPolicy(), noon).starts).toEqual(['w1-r']);
  });

  it('halts a pool on a failure that nobody has decided on, and no other pool', () => {
    const policy = aPolicy({
      concurrency: 9,
      pools: [aPool({ name: 'a', selector: 'x=y' }), aPool({ name: 'b' })],
    });
    const reboots = [
      rebootOf('w1', { pool: 'a', state: failed }),
      rebootOf('w2', { pool: 'a' }),
      rebootOf('w3', { pool: 'b' }),
    ];
    const nodes = [
      aNode({ name: 'w1', labels: { x: 'y' } }),
      aNode({ name: 'w2', labels: { x: 'y' } }),
      aNode({ name: 'w3' }),
    ];
    expect(plan(snapshot({ nodes, reboots }), policy, noon).starts).toEqual(['w3-r']);
    expect(codes(snapshot({ nodes, reboots }), policy, 'w2-r')).toContain('pool-halted');
    const skipped = { ...failed, givenUp: { by: mia, at: at(0), leaveCordoned: false } };
    const after = [rebootOf('w1', { pool: 'a', state: skipped }), ...reboots.slice(1)];
    expect(plan(snapshot({ nodes, reboots: after }), policy, noon).starts).toEqual(['w2-r', 'w3-r']);
  });

  it('starts control-plane nodes after workers, and one at a time', () => {
    const facts = { osImage: 'x', controlPlane: true };
    const given = snapshot({
      reboots: [rebootOf('w1', { facts }), rebootOf('w2', { facts }), rebootOf('w3')],
    });
    expect(plan(given, roomy, noon).starts).toEqual(['w3-r']);
    expect(codes(given, roomy, 'w1-r')).toContain('control-plane-last');
    const alone = snapshot({ reboots: [rebootOf('w1', { facts }), rebootOf('w2', { facts })] });
    expect(plan(alone, roomy, noon).starts).toEqual(['w1-r']);
    expect(codes(alone, roomy, 'w2-r')).toContain('control-plane-busy');
  });

  it('starts nothing on a view that has not been heard of for too long', () => {
    const given = snapshot({ reboots: [rebootOf('w1')], heardAt: noon - 2 * minute });
    expect(codes(given, roomy, 'w1-r')).toEqual(['stale-view']);
  });

  it('finishes a start that a crash came between', () => {
    const held = { ...turnOf(rebootOf('w1')) };
    const given = snapshot({ reboots: [rebootOf('w1')], ledger: { turns: [held] }, heardAt: noon });
    expect(plan(given, aPolicy(), noon).starts).toEqual(['w1-r']);
  });

  it('judges a start that a crash came between like any other: the window may have closed since', () => {
    const waits = rebootOf('w1', { state: forWindow });
    const policy = aPolicy({ pools: [aPool({ windows: [aWindow()] })] });
    const given = snapshot({ reboots: [waits], ledger: { turns: [turnOf(waits)] } });
    expect(codes(given, policy, 'w1-r')).toEqual(['outside-window']);
  });

  it('starts nothing outside the window where the pool does not allow it, though it was said inside', () => {
    const pool = aPool({ windows: [aWindow()], approveNowOutsideWindow: false });
    const given = snapshot({ reboots: [rebootOf('w1')] });
    expect(codes(given, aPolicy({ pools: [pool] }), 'w1-r')).toEqual(['outside-window']);
    expect(wakeAt(rebootOf('w1'), pool, noon)).toBe(Date.UTC(2026, 10, 24, 1));
  });

  it('does not start a node that was moved to another pool since, nor one that nobody has heard of', () => {
    const pools = [aPool({ name: 'databases', selector: 'db' }), aPool()];
    const moved = aNode({ name: 'w1', labels: { db: '' } });
    const given = snapshot({ nodes: [moved], reboots: [rebootOf('w1'), rebootOf('w2')] });
    expect(codes(given, aPolicy({ concurrency: 9, pools }), 'w1-r')).toEqual(['unknown-pool']);
    expect(codes(given, aPolicy({ concurrency: 9, pools }), 'w2-r')).toContain('stale-view');
  });

  it('takes a share of the nodes that the pool owns, and not of all that its selector matches', () => {
    const pools = [aPool({ name: 'big', selector: 'big' }), aPool({ maxUnavailable: { percent: 50 } })];
    const big = Array.from({ length: 6 }, (_, n) => aNode({ name: `big-${n}`, labels: { big: '' } }));
    const nodes = [aNode({ name: 'w1' }), aNode({ name: 'w2', ready: false }), ...big];
    expect(
      codes(snapshot({ nodes, reboots: [rebootOf('w1')] }), aPolicy({ concurrency: 9, pools }), 'w1-r'),
    ).toEqual(['too-many-out']);
  });

  it('leaves a node alone whose last boot is still being watched', () => {
    const last = rebootOf('w1', { name: 'w1-last', state: draining });
    const given = snapshot({
      reboots: [last, rebootOf('w1')],
      ledger: { turns: [turnOf(last)] },
    });
    expect(codes(given, roomy, 'w1-r')).toEqual(['turn-taken']);
  });

  it('counts a turn that was taken under an older name of the pool', () => {
    const policy = aPolicy({ concurrency: 9, pools: [aPool({ maxUnavailable: { count: 1 } })] });
    const old = { ...turnOf(rebootOf('w2')), pool: 'before' };
    const given = snapshot({ reboots: [rebootOf('w1')], ledger: { turns: [old] } });
    expect(codes(given, policy, 'w1-r')).toEqual(['too-many-out']);
    const room = { members: ['w1', 'w2'], out: [], mostOut: 9 };
    expect(admit(given.ledger, turnOf(rebootOf('w1')), { cluster: 9, pool: 1, room })).toMatchObject({
      taken: false,
      why: 'pool',
    });
  });

  it('lets two starts at once see each other in the ledger: together they never exceed what the pool can spare', () => {
    const room = { members: ['w1', 'w2', 'w3'], out: ['w3'], mostOut: 2 };
    const limits = { cluster: 9, pool: 9, room };
    const [first, second] = [turnOf(rebootOf('w1')), turnOf(rebootOf('w2'))];
    expect(admit({ turns: [] }, first, limits)).toEqual({ taken: true });
    expect(admit({ turns: [first] }, second, limits)).toMatchObject({ taken: false, why: 'too-many-out' });
    // The node that is out itself disturbs nobody more.
    expect(admit({ turns: [first] }, turnOf(rebootOf('w3')), limits)).toEqual({ taken: true });
  });

  it('says of a pool that is gone what to do', () => {
    expect(codes(snapshot({ reboots: [rebootOf('w1', { pool: 'old' })] }), aPolicy(), 'w1-r')).toEqual([
      'unknown-pool',
    ]);
  });

  it.each([
    [{ percent: 10 }, 25, 2],
    [{ percent: 10 }, 5, 1],
    [{ percent: 100 }, 3, 3],
    [{ count: 4 }, 3, 4],
  ])('lets %j of %i nodes be out: %i', (maxUnavailable, size, expected) => {
    expect(mostOut(aPool({ maxUnavailable }), size)).toBe(expected);
  });
});

// Any cluster: a few nodes in any state, in two pools, with any limits.
const anyState = fc.constantFrom<RebootState | undefined>(undefined, approved, forWindow, draining, failed);
const anyNode = fc.record({
  ready: fc.boolean(),
  cordoned: fc.boolean(),
  state: anyState,
  controlPlane: fc.boolean(),
  blue: fc.boolean(),
  age: fc.nat(50),
});
const anyCluster = fc.record({
  nodes: fc.array(anyNode, { minLength: 1, maxLength: 12 }),
  cluster: fc.integer({ min: 1, max: 5 }),
  blue: fc.integer({ min: 1, max: 4 }),
  blueOut: fc.oneof(
    fc.record({ count: fc.integer({ min: 1, max: 4 }) }),
    fc.record({ percent: fc.integer({ min: 1, max: 100 }) }),
  ),
});

function build({
  nodes,
  cluster,
  blue,
  blueOut,
}: typeof anyCluster extends fc.Arbitrary<infer T> ? T : never): { given: Snapshot; policy: Policy } {
  const pools = [
    aPool({ name: 'blue', selector: 'colour=blue', concurrency: blue, maxUnavailable: blueOut }),
    aPool({ name: 'rest' }),
  ];
  const views = nodes.map((node, index) =>
    aNode({
      name: `n${index}`,
      ready: node.ready,
      unschedulable: node.cordoned,
      labels: node.blue ? { colour: 'blue' } : {},
    }),
  );
  const reboots = nodes.flatMap((node, index) =>
    node.state === undefined
      ? []
      : [
          rebootOf(`n${index}`, {
            state: node.state,
            pool: node.blue ? 'blue' : 'rest',
            facts: { osImage: 'x', controlPlane: node.controlPlane },
            need: { ...aReboot().need, since: toTimestamp(noon - node.age * minute) },
          }),
        ],
  );
  const holders = reboots.filter(({ state }) => state.phase === 'Draining' || state.phase === 'Failed');
  const ledger = holders.reduce((turns, reboot) => withTurn(turns, turnOf(reboot)), {
    turns: [],
  } as Snapshot['ledger']);
  return {
    given: { nodes: views, reboots, ledger, heardAt: noon, pauses: [], ownNodes: ['n1'] },
    policy: aPolicy({ concurrency: cluster, pools }),
  };
}

describe('the plan, for any cluster', () => {
  it('gives each approved reboot a start or at least one blocker, each with a sentence and what clears it', () => {
    fc.assert(
      fc.property(anyCluster, (cluster) => {
        const { given, policy } = build(cluster);
        const { starts, blocked } = plan(given, policy, noon);
        for (const { name, state } of given.reboots) {
          const said = blocked.get(name) ?? [];
          if (state.phase !== 'Approved') expect([starts.includes(name), said]).toEqual([false, []]);
          else expect(starts.includes(name)).toBe(said.length === 0);
          for (const { sentence, clears } of said)
            expect(`${sentence} ${clears}`).toMatch(/^[A-Z0-9a-z].*\.$/);
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('never exceeds the turns of cluster, pool and control plane, nor the nodes that a pool can spare', () => {
    fc.assert(
      fc.property(anyCluster, (cluster) => {
        const { given, policy } = build(cluster);
        const { starts } = plan(given, policy, noon);
        let { ledger } = given;
        for (const name of starts) {
          const reboot = given.reboots.find((each) => each.name === name);
          const pool = policy.pools.find((each) => each.name === reboot?.pool);
          if (!reboot || !pool) throw new Error('a start of nothing');
          const turn = turnOf(reboot);
          expect(admit(ledger, turn, { cluster: policy.concurrency, pool: pool.concurrency }).taken).toBe(
            true,
          );
          ledger = withTurn(ledger, turn);
          const members = given.nodes.filter(
            (node) => (node.labels['colour'] === 'blue') === (pool.name === 'blue'),
          );
          const started = new Set(ledger.turns.map(({ node }) => node));
          const out = members.filter((node) => started.has(node.name) || !node.ready || node.unschedulable);
          const others = out.filter((node) => node.name !== reboot.node.name);
          expect(others.length).toBeLessThan(mostOut(pool, members.length));
        }
      }),
      { numRuns: 1000 },
    );
  });

  it('is the same for the same input, in whatever order it comes', () => {
    fc.assert(
      fc.property(anyCluster, (cluster) => {
        const { given, policy } = build(cluster);
        const turned = { ...given, nodes: given.nodes.toReversed(), reboots: given.reboots.toReversed() };
        expect(plan(turned, policy, noon).starts).toEqual(plan(given, policy, noon).starts);
      }),
    );
  });

  it('starts something when nothing is in the way', () => {
    fc.assert(
      fc.property(anyCluster, (cluster) => {
        const calm = cluster.nodes.map((node) => ({
          ...node,
          ready: true,
          cordoned: false,
          state: node.state && approved,
        }));
        const { given, policy } = build({ ...cluster, nodes: calm });
        if (given.reboots.length > 0) expect(plan(given, policy, noon).starts.length).toBeGreaterThan(0);
      }),
    );
  });
});
