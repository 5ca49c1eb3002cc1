import type { Blocker } from '../../blockers/blockers.ts';
import type { DrainRetry } from '../../../state/undo-facts.ts';
import type { In } from '../../../state/reboot.ts';
import { toInstant } from '../../../time/time.ts';
import { orAtRoom, pendingRetry } from '../../../deadlines/retry.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/** A drain that was undone is not retried before its back-off is over, or before a person decides so. */
export function drainUndone(
  reboot: In<'Approved'>,
  { pool, now }: Situation,
): Blocker<'drain-undone' | 'drain-needs-person'> | undefined {
  const retry = pendingRetry(reboot.state, now);
  if (retry === undefined) return undefined;
  if (retry.notBefore === undefined)
    return {
      code: 'drain-needs-person',
      sentence: `${whyPersonNeeded(retry)}: ${retry.cause}.`,
      clears: 'Retry, force or cancel it on its card.',
    };
  const room = orAtRoom(retry);
  return {
    code: 'drain-undone',
    sentence: `Its drain was undone (${retry.times} of ${pool.drain.retryAfter.length + 1}): ${retry.cause}.`,
    clears: `It is tried again when somebody retries it on its card${room === '' ? '' : `, ${room}`}, or when its pause is over.`,
    until: toInstant(retry.notBefore),
  };
}

function whyPersonNeeded({ needsPerson = 'tried-enough', times }: DrainRetry): string {
  const words = {
    'cannot-succeed': 'Its drain was undone, and trying again would not help',
    forced: 'Its drain was undone although it was forced',
    'tried-enough': `Its drain was undone ${times} ${times === 1 ? 'time' : 'times'}`,
  };
  return words[needsPerson];
}
