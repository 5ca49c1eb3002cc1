/**
 * Explores the state machine: starting with a new Reboot, applies every event in every state that is reached,
 * until no new state is found. The diagram therefore shows what the code does.
 */
import { isOwed } from '../../../src/reboot/state/clean-up.ts';
import type { HookRun } from '../../../src/reboot/state/hook-facts.ts';
import { noHooks } from '../../../src/reboot/deadlines/hook-waits.ts';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import { sentinelSignal } from '../../../src/reboot/policy/pool-signal.ts';
import type { Phase, Reboot } from '../../../src/reboot/state/reboot.ts';
import { day, hour, minute, toTimestamp, type Instant } from '../../../src/reboot/time/time.ts';
import { transition } from '../../../src/reboot/machine/transition.ts';
import { exampleEvents } from './example-events.ts';

/** A transition between two phases, and its event. */
export interface Edge {
  readonly from: Phase;
  readonly to: Phase;
  readonly what: string;
}

const start: Instant = Date.UTC(2026, 0, 1);

const hook = { access: { url: '', headers: {} }, timeout: 10 * minute, onFailure: 'fail' } as const;

const pool: PoolPolicy = {
  name: 'workers',
  selector: '',
  channel: 'C1',
  signals: [sentinelSignal],
  unknownFor: 15 * minute,
  approvers: { kind: 'channel' },
  approval: 'manual',
  approvalExpires: 0,
  // One test pool for every event: a denial that asks again by itself.
  askAgainAfter: hour,
  requesterApproves: true,
  reasonFor: [],
  digestFrom: 0,
  noticePeriod: hour,
  windows: [],
  excludeDates: [],
  addDates: [],
  calendars: [],
  approveNowOutsideWindow: true,
  concurrency: 1,
  maxUnavailable: { count: 1 },
  minTimeBetween: { pool: 0, node: 0 },
  loopGuard: 0,
  startWithoutSlack: true,
  finishInWindow: true,
  whenWindowCloses: 'finish',
  giveUpTurnAfter: 0,
  gates: {
    blockingPods: [],
    podAnnotations: [],
    healthyPods: [],
    waitForJobs: 0,
    waitForPackageManager: 1_800_000,
    prometheus: [],
  },
  hooks: { ...noHooks, before: hook, after: hook },
  ignoreDaemonSets: [],
  drain: {
    timeout: 15 * minute,
    deleteEmptyDirData: true,
    podsWithoutController: 'refuse',
    skipPodsDeletingLongerThan: 0,
    onTimeout: 'undo',
    // One retry, then a person: further retries add no new states.
    retryAfter: [5 * minute],
    volumeDetachTimeout: 5 * minute,
    parallelism: 1,
  },
  expectKernel: 'asked',
  rebootTimeout: 10 * minute,
  settleTime: minute,
  settleTimeout: 10 * minute,
};

const asked: Reboot = {
  name: 'n1-0',
  node: { name: 'n1', uid: 'uid-1' },
  bootId: 'boot-1',
  pool: pool.name,
  createdAt: toTimestamp(start),
  need: {
    since: toTimestamp(start),
    packages: [],
    packagesLeftOut: 0,
    kernel: { running: '1', next: '2' },
    digest: 'd1',
    riskDigest: 'r1',
  },
  facts: { osImage: 'Linux', controlPlane: false },
  state: { phase: 'Pending', since: toTimestamp(start), approvals: [] },
  chat: { replies: {} },
  history: [],
  version: '1',
};

/** The part of a Reboot that determines its transitions: everything except times and texts. */
const shapeOf = ({ state, cleanup, need }: Reboot): string => {
  const { staysCordoned, goesDown } = cleanup ?? {};
  const owed = [isOwed(cleanup), staysCordoned, goesDown?.overdue];
  return JSON.stringify([state, owed, need.digest, need.person !== undefined], (key, value: unknown) => {
    if (ignoredKeys.has(key)) return undefined;
    if (key === 'beforeHook' || key === 'afterHook') return (value as HookRun).endedAt === undefined;
    // Counts beyond the second make no further difference.
    return key === 'times' || key === 'undone' ? Math.min(Number(value), 2) : value;
  });
};

const ignoredKeys: ReadonlySet<string> = new Set([
  'at',
  'cause',
  'cleared',
  'deadline',
  'downSince',
  'endedAt',
  'jobs',
  'missing',
  'notBefore',
  'orderedAt',
  'sentence',
  'since',
  'startedAt',
  'took',
  'until',
]);

/** Later than every deadline of the pool. */
const longAfter = day;

interface Walk {
  readonly edges: readonly Edge[];
  readonly reached: readonly Reboot[];
}

let walked: Walk | undefined;

/** The walk takes seconds, and always finds the same. */
const onceWalked = (): Walk => (walked ??= walk());

export const walkMachine = (): readonly Edge[] => onceWalked().edges;

/** One Reboot of each state that was reached. */
export const reachedReboots = (): readonly Reboot[] => onceWalked().reached;

function walk(): Walk {
  const seen = new Set([shapeOf(asked)]);
  const edges = new Map<string, Edge>();
  const reached = [asked];
  const open: { readonly reboot: Reboot; readonly now: Instant }[] = [{ reboot: asked, now: start }];
  for (let here = open.pop(); here !== undefined; here = open.pop()) {
    for (const { reboot, now, what } of stepsFrom(here.reboot, here.now)) {
      const edge = { from: here.reboot.state.phase, to: reboot.state.phase, what };
      edges.set(JSON.stringify(edge), edge);
      const shape = shapeOf(reboot);
      if (seen.has(shape)) continue;
      seen.add(shape);
      reached.push(reboot);
      open.push({ reboot, now });
    }
  }
  return { edges: [...edges.values()].filter(({ from, to }) => from !== to), reached };
}

interface Taken {
  readonly reboot: Reboot;
  readonly now: Instant;
  readonly what: string;
}

/** Each event soon after the last one, and long after it, when deadlines have passed. */
function stepsFrom(reboot: Reboot, since: Instant): readonly Taken[] {
  return exampleEvents(reboot, since).flatMap(({ what, event, late }): readonly Taken[] => {
    const now = since + (late === true ? longAfter : 2 * minute);
    const step = transition(reboot, event, { pool, now });
    return step.ok && step.reboot !== reboot ? [{ reboot: step.reboot, now, what }] : [];
  });
}
