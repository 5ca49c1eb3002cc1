/** Which reminder of a decision that nobody takes is due, and when the next one is. Pure. */
import { automaticApproval, type RebootRules } from '../approval/automatic-approval.ts';
import type { ReminderPolicy } from '../policy/pool-reminders.ts';
import type { HistoryEntry } from '../state/decision.ts';
import type { Reboot } from '../state/reboot.ts';
import { day, type Instant, minute, toInstant } from '../time/time.ts';
import { instantOf, readingAt } from '../windows/wall-clock.ts';

/** In this order; the later one stands for both. */
const stages = ['reminded', 'escalated'] as const;
export type ReminderStage = (typeof stages)[number];

export const isReminder = ({ what }: Pick<HistoryEntry, 'what'>): boolean =>
  (stages as readonly string[]).includes(what);

export interface Reminder {
  readonly stage: ReminderStage;
  readonly at: Instant;
}

/** When each is due for what waits since then, the earliest first. */
export function remindersOf(since: Instant, policy: ReminderPolicy): readonly Reminder[] {
  const { after, escalate } = policy;
  const first: Reminder = { stage: 'reminded', at: afterQuiet(since + after, policy) };
  return escalate === undefined
    ? [first]
    : [first, { stage: 'escalated', at: afterQuiet(since + escalate.after, policy) }];
}

/** The latest that is due at the time and was not given: after an outage people get one, not two. */
export function dueReminder(
  reminders: readonly Reminder[],
  given: readonly ReminderStage[],
  now: Instant,
): ReminderStage | undefined {
  const due = reminders.findLast(({ at }) => at <= now);
  return due !== undefined && !isCovered(due, given) ? due.stage : undefined;
}

const isCovered = ({ stage }: Reminder, given: readonly ReminderStage[]): boolean =>
  given.some((each) => stages.indexOf(each) >= stages.indexOf(stage));

/** At its time, or at the end of the quiet hours that it falls into. */
export function afterQuiet(at: Instant, { quiet }: Pick<ReminderPolicy, 'quiet'>): Instant {
  if (quiet === undefined) return at;
  const { from, to, timeZone } = quiet;
  const reading = readingAt(timeZone, at);
  const midnight = Math.floor(reading / minutesOfDay) * minutesOfDay;
  const time = reading - midnight;
  if (from < to) return time >= from && time < to ? instantOf(timeZone, midnight + to) : at;
  if (time >= from) return instantOf(timeZone, midnight + minutesOfDay + to);
  return time < to ? instantOf(timeZone, midnight + to) : at;
}

const minutesOfDay = day / minute;

/** Since when a Reboot waits for a person; undefined where it does not. */
export function waitsForPersonSince({ state }: Pick<Reboot, 'state'>): Instant | undefined {
  if (state.phase === 'Pending' || state.phase === 'Failed') return toInstant(state.since);
  if (state.phase === 'Approved' && state.retry?.needsPerson !== undefined) return toInstant(state.retry.at);
  return undefined;
}

/** Those that the Reboot has been given for this wait. */
const givenTo = ({ history }: Reboot, since: Instant): readonly ReminderStage[] =>
  history.flatMap(({ what, at }) =>
    (what === 'reminded' || what === 'escalated') && toInstant(at) >= since ? [what] : [],
  );

/** A pool with the rules of one Reboot. */
export type ReminderRules = RebootRules & {
  /** It is decided in the digest of its pool, which reminds of all of its nodes together. */
  readonly asksInDigest?: true;
};

/** The reminder of a Reboot that is due, and when there will be another. */
export function rebootReminder(
  reboot: Reboot,
  pool: ReminderRules,
  now: Instant,
): { readonly due?: ReminderStage; readonly next?: Instant } {
  const since = waitsForPersonSince(reboot);
  if (since === undefined || pool.remind === undefined || pool.gone || pool.asksInDigest) return {};
  // The rule will decide.
  if (automaticApproval(reboot, pool, now) !== undefined) return {};
  const reminders = remindersOf(since, pool.remind);
  const given = givenTo(reboot, since);
  const due = dueReminder(reminders, given, now);
  const next = reminders.find((each) => each.at > now && !isCovered(each, given))?.at;
  return { ...(due === undefined ? {} : { due }), ...(next === undefined ? {} : { next }) };
}
