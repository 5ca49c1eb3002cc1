/**
 * Any input of the planner: pools with every gate on or off, nodes in any state, Reboots in every phase with
 * the turns that belong to them.
 */
import fc from 'fast-check';
import type { Snapshot } from '../../src/reboot/scheduling/snapshot/snapshot.ts';
import type { Pause } from '../../src/reboot/scheduling/snapshot/pauses.ts';
import type { MaintenanceWindow, PoolCalendar } from '../../src/reboot/policy/pool-windows.ts';
import type { Policy, PoolPolicy } from '../../src/reboot/policy/policy.ts';
import { day, hour, minute, toTimestamp } from '../../src/reboot/time/time.ts';
import {
  type Actor,
  asks,
  boots,
  cancelled,
  done,
  drains,
  fails,
  givenUp,
  idle,
  mia,
  nodeless,
  rule,
  settles,
  snoozed,
  type Traits,
  waits,
  windowRule,
} from '../reboot/scheduling/plan-table/actors.ts';
import { aPolicy, aPool, at, aWindow, noon } from './builders.ts';

export interface World {
  readonly policy: Policy;
  readonly snapshot: Snapshot;
  readonly now: number;
}

/** Usually absent, so that inputs in which something starts are common. */
const rarely = <T>(arbitrary: fc.Arbitrary<T>, often = 3): fc.Arbitrary<T | undefined> =>
  fc.oneof({ weight: often, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

/** Not from an integer: fast-check draws small numbers more often, which would change the odds. */
const oneIn = (many: number): fc.Arbitrary<boolean> =>
  fc.constantFrom(true, ...Array.from({ length: many - 1 }, () => false));

const sunday = (start: number, length: number): MaintenanceWindow =>
  aWindow({ days: ['sun'], start, length, timeZone: 'UTC' });
/** At noon on that Sunday: open, about to close, about to open, just closed, and of another day. */
const anyWindow = fc.constantFrom(
  sunday(11 * 60, 180),
  sunday(9 * 60, 181),
  sunday(721, 60),
  sunday(660, 60),
  aWindow({ timeZone: 'UTC' }),
);
const unreadCalendar: PoolCalendar = { name: 'holidays', use: 'exclude', timeZone: 'UTC' };

const anyLimit = fc.constantFrom(1, 2, 3, 5);
const anyPool = fc.record({
  concurrency: anyLimit,
  maxUnavailable: fc.oneof(
    fc.record({ count: anyLimit }),
    fc.record({ percent: fc.constantFrom(10, 34, 50, 100) }),
  ),
  topology: rarely(fc.record({ label: fc.constant('topology.kubernetes.io/zone'), atOnce: anyLimit })),
  rollout: rarely(
    fc.record({
      canary: anyLimit,
      bake: fc.constantFrom(0, 30 * minute),
      batches: fc.constantFrom([100], [50, 100]),
    }),
  ),
  minTimeBetween: fc.record({
    pool: fc.constantFrom(0, 0, 30 * minute),
    node: fc.constantFrom(0, 0, day),
  }),
  loopGuard: fc.constantFrom(0, hour),
  finishInWindow: fc.boolean(),
  startWithoutSlack: fc.boolean(),
  observeOnly: rarely(fc.constant(true as const)),
  windows: fc.oneof(
    { weight: 2, arbitrary: fc.constant([]) },
    { weight: 1, arbitrary: fc.array(anyWindow, { minLength: 1, maxLength: 2 }) },
  ),
  calendars: fc.constantFrom([], [], [], [], [], [unreadCalendar]),
  approveNowOutsideWindow: fc.boolean(),
  approval: fc.constantFrom('manual' as const, 'auto' as const, 'window' as const),
  noticePeriod: fc.constantFrom(0, hour),
});

const anyPart = fc.constantFrom(
  ...Array.from({ length: 5 }, () => 'idle' as const),
  ...Array.from({ length: 16 }, () => 'waits' as const),
  'waits again',
  'waits again',
  'holds',
  'nodeless',
  'asks',
  'snoozed',
  'drains',
  'boots',
  'settles',
  'done',
  'fails',
  'given up',
  'cancelled',
);
const anyNode = fc.record({
  part: anyPart,
  pool: fc.nat(2),
  /** The pool in its Reboot, if the node was moved to another one since. */
  was: rarely(fc.constantFrom('pool-0', 'old'), 20),
  zone: rarely(fc.constantFrom('a', 'b')),
  cp: oneIn(5),
  out: fc.constantFrom('', '', '', '', '', '', '', 'not ready', 'cordoned', 'leaving'),
  paused: oneIn(12),
  changing: oneIn(12),
  updated: fc.boolean(),
  sameTarget: fc.boolean(),
  asked: fc.constantFrom(minute, 50 * minute, 5 * hour),
  ago: fc.constantFrom(0, 10 * minute, 45 * minute, 2 * day),
  took: fc.constantFrom(minute, 50 * minute),
  forWindow: fc.boolean(),
  by: fc.constantFrom('mia', 'mia', 'mia', 'mia', 'rule', 'window'),
  held: oneIn(12),
  stuck: fc.boolean(),
  pods: rarely(fc.nat(3)),
  own: oneIn(8),
});
type NodeSpec = typeof anyNode extends fc.Arbitrary<infer T> ? T : never;

const until = fc.constantFrom(undefined, hour, day);
const anyPause = fc.record({ of: fc.constantFrom('cluster', 'pool-0', 'pool-1', 'n0', 'n1'), until });

const principals = { mia, rule, window: windowRule };
const firing = { code: 'alerts-firing', sentence: 'Alert A is firing.', clears: 'It clears.' } as const;

function castOf(spec: NodeSpec, index: number, pools: number): readonly Actor[] {
  const name = `n${index}`;
  const { ago, took } = spec;
  const traits: Traits = {
    in: `pool-${spec.pool % pools}`,
    ...(spec.was === undefined ? {} : { pool: spec.was }),
    ...(spec.zone === undefined ? {} : { zone: spec.zone }),
    ...(spec.cp ? { cp: true as const } : {}),
    ...(spec.out === 'not ready' ? { ready: false as const } : {}),
    ...(spec.out === 'cordoned' ? { cordoned: true as const } : {}),
    ...(spec.out === 'leaving' ? { taint: 'karpenter.sh/disrupted' } : {}),
    ...(spec.paused ? { paused: 'broken disk' } : {}),
    ...(spec.updated ? { kernel: '6.8.0-49-generic' } : {}),
    ...(spec.sameTarget ? {} : { next: '6.8.0-111-generic' }),
    ...(spec.pods === undefined ? {} : { pods: spec.pods }),
    asked: spec.asked,
  };
  const waiting = {
    ...traits,
    for: spec.forWindow ? ('window' as const) : ('now' as const),
    by: [principals[spec.by]],
    ...(spec.held ? { held: [firing] } : {}),
    ...(spec.stuck ? { undone: { why: 'stuck' as const } } : {}),
  };
  switch (spec.part) {
    case 'idle':
      return [idle(name, traits)];
    case 'waits':
      return [waits(name, waiting)];
    case 'waits again':
      return [done(name, { ...traits, ago, took, bootId: 'boot-1' }), waits(name, waiting)];
    case 'holds':
      return [waits(name, { ...waiting, turn: true })];
    case 'nodeless':
      return [nodeless(waits(name, waiting))];
    case 'asks':
      return [asks(name, { ...traits, shown: ago })];
    case 'snoozed':
      return [snoozed(name, traits)];
    case 'drains':
      return [drains(name, traits)];
    case 'boots':
      return [boots(name, traits)];
    case 'settles':
      return [settles(name, traits)];
    case 'done':
      return [done(name, { ...traits, ago, took })];
    case 'fails':
      return [fails(name, traits)];
    case 'given up':
      return [givenUp(name, { ...traits, ago })];
    case 'cancelled':
      return [cancelled(name, { ...traits, ago, from: 'Draining' })];
  }
  return [];
}

function pauseOf({ of, until: ends }: { of: string; until: number | undefined }): Pause {
  const scope =
    of === 'cluster'
      ? ({ kind: 'cluster' } as const)
      : of.startsWith('pool')
        ? ({ kind: 'pool', pool: of } as const)
        : ({ kind: 'node', node: of } as const);
  return { scope, by: mia, ...(ends === undefined ? {} : { until: at(ends) }) };
}

/** Without failures and blockers: only the limits decide. */
const withoutFailures = (spec: NodeSpec): NodeSpec => ({
  ...spec,
  part: ['idle', 'holds', 'drains', 'done'].includes(spec.part) ? spec.part : 'waits',
  was: undefined,
  out: '',
  paused: false,
  changing: false,
  forWindow: false,
  by: 'mia',
  held: false,
});

const withoutUndefined = (given: object): object =>
  Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));

export const anyWorld: fc.Arbitrary<World> = fc
  .record({
    pools: fc.array(anyPool, { minLength: 1, maxLength: 3 }),
    nodes: fc.array(anyNode, { minLength: 1, maxLength: 12 }),
    cluster: fc.constantFrom(1, 2, 3, 4, 9),
    calm: fc.boolean(),
    /** Only control-plane nodes, which do not wait for workers. */
    controlPlaneOnly: oneIn(6),
    pauses: fc.array(anyPause, { maxLength: 2 }),
    paused: oneIn(6),
    silent: fc.constantFrom(0, 0, 0, 0, 0, 0, 0, hour),
    chatAway: oneIn(8),
  })
  .map(({ pools, nodes: specs, cluster, calm, controlPlaneOnly, pauses, paused, silent, chatAway }) => {
    const nodes = specs.map((spec) => ({
      ...(calm ? withoutFailures(spec) : spec),
      cp: controlPlaneOnly || spec.cp,
    }));
    const cast = nodes.flatMap((spec, index) => castOf(spec, index, pools.length));
    const policy = aPolicy({
      concurrency: cluster,
      pools: pools.map((pool, index) =>
        aPool({
          ...(withoutUndefined(pool) as Partial<PoolPolicy>),
          name: `pool-${index}`,
          selector: `pool=pool-${index}`,
        }),
      ),
    });
    const snapshot: Snapshot = {
      nodes: [...new Map(cast.flatMap(({ node }) => (node ? [[node.name, node]] : []))).values()],
      reboots: cast.flatMap(({ reboot }) => reboot ?? []),
      ledger: { turns: cast.flatMap(({ turn }) => turn ?? []) },
      heardAt: noon - (calm ? 0 : silent),
      pauses: paused && !calm ? pauses.map(pauseOf) : [],
      packageWork: new Map(
        nodes.flatMap(({ changing }, index) =>
          changing && !calm
            ? [[`n${index}`, { since: toTimestamp(noon - minute), active: true, what: 'apt-get' }] as const]
            : [],
        ),
      ),
      ownNodes: nodes.flatMap(({ own }, index) => (own ? [`n${index}`] : [])),
      ...(chatAway && !calm ? { chatAwaySince: noon - minute } : {}),
    };
    return { policy, snapshot, now: noon };
  });
