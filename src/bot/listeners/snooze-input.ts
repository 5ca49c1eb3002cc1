/** Until when a person snoozes, as chosen in a modal. */
import { isTimeOfDay, maxSnooze, type SnoozeUntil, timeOfDayIn } from '../../reboot/approval/snooze-times.ts';
import { hour, inWords, type Instant } from '../../reboot/time/time.ts';
import { inputIds } from '../payload/action-ids.ts';
import type { Identity } from '../people/directory.ts';
import { inputOf, timeOf, type Errors, type SubmissionPayload } from './payloads.ts';

export type Snoozing =
  | {
      readonly ok: true;
      /** Depends on the time zone of the person. */
      readonly request: (identity: Identity) => {
        readonly kind: 'snooze';
        readonly until: SnoozeUntil;
        readonly reason?: string;
      };
    }
  | { readonly ok: false; readonly errors: Errors };

export interface SnoozeChoice {
  readonly choice: string;
  /** The input of the choice. */
  readonly input: string;
  readonly now: Instant;
  /** When the next window opens, as shown. */
  readonly opens: Instant | undefined;
}

export function snoozing(payload: SubmissionPayload, chosen: SnoozeChoice): Snoozing {
  const reason = inputOf(payload, inputIds.reason);
  const why = reason === undefined ? {} : { reason };
  const until = endOf(payload, chosen);
  if (typeof until === 'object') return { ok: false, errors: { [until.input]: until.problem } };
  const { now } = chosen;
  return {
    ok: true,
    request: ({ timeZone }) => ({ kind: 'snooze', until: inZone(until, timeZone, now), ...why }),
  };
}

/** A time of day is one of the person, where their zone is known. */
export const inZone = (until: SnoozeUntil, timeZone: string | undefined, now: Instant): SnoozeUntil =>
  typeof until === 'string' && isTimeOfDay(until) && timeZone !== undefined
    ? timeOfDayIn(timeZone, until, now)
    : until;

/** What is wrong with a time that was picked or typed; undefined if nothing is. */
export const endProblem = (until: Instant, now: Instant): string | undefined => {
  if (until <= now) return 'That time has passed. Choose a later one.';
  return until - now > maxSnooze
    ? `That is too late: a reboot can be snoozed for ${inWords(maxSnooze)} at most. If it is not to happen at all, deny it.`
    : undefined;
};

interface Problem {
  readonly input: string;
  readonly problem: string;
}

function endOf(
  payload: SubmissionPayload,
  { choice, input, now, opens }: SnoozeChoice,
): SnoozeUntil | Problem {
  const picked = timeOf(payload, inputIds.at);
  if (picked !== undefined) {
    const problem = endProblem(picked, now);
    return problem === undefined ? picked : { input: inputIds.at, problem };
  }
  if (choice === '1h') return now + hour;
  if (choice === '4h') return now + 4 * hour;
  if (isTimeOfDay(choice)) return choice;
  if (choice !== 'window' || opens === undefined) return { input, problem: 'Choose one of these.' };
  return opens <= now ? { input, problem: 'That window has opened already.' } : opens;
}
