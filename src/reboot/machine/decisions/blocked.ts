/** What keeps an approved Reboot from its start, as the gates and the plan find it. */
import { type Blocker } from '../../scheduling/blockers/blockers.ts';
import { type Instant, type Millis, minute, toInstant, toTimestamp } from '../../time/time.ts';
import { couldStartNow } from '../../approval/expiry.ts';
import { jobsWaited } from '../../deadlines/jobs-wait.ts';
import { type In, isIn, type Reboot } from '../../state/reboot.ts';
import {
  foundNow,
  gateCheck,
  planBlockers,
  type StoredBlocker,
  withBlockers,
} from '../../state/stored-blockers.ts';
import { tooLate } from '../../words/words.ts';
import { type Context, enter, rejected, type RebootEvent, type Step, unchanged } from '../events/events.ts';

type Event = Extract<RebootEvent, { type: 'blocked' }>;

export function blocked(reboot: Reboot, { by, blockers }: Event, context: Context): Step {
  if (!isIn(reboot, 'Approved')) return rejected('not-possible-now', tooLate(reboot));
  return by === 'gatekeeper' ? byGates(reboot, blockers, context) : byPlan(reboot, blockers, context);
}

/** Stored only when the blockers have changed: a gate that stays closed causes no write. */
function byGates(reboot: In<'Approved'>, found: readonly Blocker[], { now }: Context): Step {
  const { jobs: waited, ...state } = reboot.state;
  const before = gateCheck(state);
  if (isSame(before?.blockers ?? [], found) && before?.cleared === undefined) return unchanged(reboot);
  const jobs = jobsWaited(waited, found, now);
  const gates = foundNow(found, 'gatekeeper', { since: state.since, now });
  return enter(reboot, {
    ...withBlockers(state, [...gates, ...planBlockers(state)]),
    ...(jobs === undefined ? {} : { jobs }),
  });
}

const isSame = (one: readonly Blocker[], two: readonly Blocker[]): boolean =>
  one.length === two.length && one.every((blocker, nth) => isEqual(blocker, two[nth]));

const isEqual = (one: Pick<Blocker, 'code' | 'sentence'>, two: typeof one | undefined): boolean =>
  one.code === two?.code && one.sentence === two.sentence;

/**
 * Minimum age of stored blockers of the plan before they are replaced. They are for reading only, and a write
 * for each change and each waiting node would be too many.
 */
const minimumAge = { codesChanged: minute, sentencesChanged: 5 * minute };

/**
 * Stores the blockers for people who read the object, with kubectl for example. A start evaluates them anew.
 * The plan repeats those of the last gate check, which are stored already.
 */
function byPlan(reboot: In<'Approved'>, found: readonly Blocker[], { pool, now }: Context): Step {
  const { state } = reboot;
  const gates = gateCheck(state)?.blockers ?? [];
  const before = planBlockers(state);
  const fresh = found.filter((each) => !gates.some((gate) => isEqual(gate, each)));
  const couldStart = couldStartNow(reboot, found, pool);
  if (before.length === 0 && fresh.length === 0 && !couldStart) return unchanged(reboot);
  if (!isDue({ before, fresh, couldStart }, now)) return unchanged(reboot);
  const decision = couldStart ? { ...state.decision, couldStart: toTimestamp(now) } : state.decision;
  const stored = foundNow(fresh, 'plan', { since: state.since, now });
  return enter(reboot, { ...withBlockers(state, [...gates, ...stored]), decision });
}

interface Found {
  readonly before: readonly StoredBlocker[];
  readonly fresh: readonly Blocker[];
  readonly couldStart: boolean;
}

/** The time from which an approval expires is stored with the next write that its blockers may cause. */
function isDue({ before, fresh, couldStart }: Found, now: Instant): boolean {
  const [first] = before;
  if (first === undefined) return true;
  const needed = minimumAgeOf(before, fresh);
  return now - toInstant(first.at) >= (couldStart ? Math.min(needed, minimumAge.codesChanged) : needed);
}

/**
 * How old the stored blockers must be to be replaced. Sentences change with every reboot, because they name
 * the nodes that hold the turns.
 */
function minimumAgeOf(before: readonly Blocker[], found: readonly Blocker[]): Millis {
  const same = (of: (blocker: Blocker) => string): boolean =>
    before.map(of).join('\n') === found.map(of).join('\n');
  if (!same(({ code }) => code)) return minimumAge.codesChanged;
  return same(({ sentence }) => sentence) ? Number.POSITIVE_INFINITY : minimumAge.sentencesChanged;
}
