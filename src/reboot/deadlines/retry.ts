/** Undone drains: the cause, the time of the next try, and the words for both. Pure. */
import { limitOf } from '../words/budget-words.ts';
import { cannotEnd, isNever } from '../state/drain-facts.ts';
import { drainsSince } from './hook-waits.ts';
import type { DrainPolicy, PoolPolicy } from '../policy/policy.ts';
import type { Approved, CordonOwner, Draining } from '../state/reboot.ts';
import type { DrainRetry, Undo, UndoReason } from '../state/undo-facts.ts';
import { stuckSince } from './stuck.ts';
import { type Instant, inWords, toInstant, toTimestamp } from '../time/time.ts';

/** Bound of the names stored with each retry. */
const maxStoredNames = 10;
/** Bound of the names in a sentence for people. */
const maxShownNames = 3;

interface Undone {
  readonly why: UndoReason;
  /** The error that the drain reported. */
  readonly sentence?: string;
}

export function undoOf(
  state: Draining,
  { why, sentence }: Undone,
  { pool, now }: { readonly pool: PoolPolicy; readonly now: Instant },
): Undo {
  const { waiting = [], leaving = [] } = state.drain ?? {};
  const budgets = distinct(waiting.map(({ budget }) => budget));
  const pods = distinct([...waiting.map(({ pod }) => pod), ...leaving]);
  const times = (state.undone ?? 0) + 1;
  const needsPerson = personNeeded(state, { why, times, retries: pool.drain.retryAfter.length });
  return {
    why,
    cause: causeOf(state, { why, ...(sentence === undefined ? {} : { sentence }), budgets, now }),
    times,
    pods,
    budgets,
    ...(needsPerson === undefined ? {} : { needsPerson }),
  };
}

const distinct = (names: readonly string[]): readonly string[] =>
  [...new Set(names)].slice(0, maxStoredNames);

function personNeeded(
  state: Draining,
  { why, times, retries }: { readonly why: UndoReason; readonly times: number; readonly retries: number },
): Undo['needsPerson'] {
  if (state.force !== undefined) return 'forced';
  if (why === 'refused' || (state.drain !== undefined && cannotEnd(state.drain))) return 'cannot-succeed';
  return times > retries ? 'tried-enough' : undefined;
}

/** `now` is when the node was restored. The back-off grows with each try. */
export function retryOf(undo: Undo, { retryAfter }: DrainPolicy, now: Instant): DrainRetry {
  const at = toTimestamp(now);
  if (undo.needsPerson !== undefined) return { ...undo, at };
  const pause = retryAfter[undo.times - 1] ?? retryAfter.at(-1) ?? 0;
  return { ...undo, at, notBefore: toTimestamp(now + pause) };
}

/** Why the drain may not be retried yet: its back-off has not passed, or a person has to decide. */
export function pendingRetry({ retry }: Approved, now: Instant): DrainRetry | undefined {
  const isOver = retry?.notBefore !== undefined && toInstant(retry.notBefore) <= now;
  return isOver ? undefined : retry;
}

interface DrainCause extends Undone {
  readonly budgets: readonly string[];
  readonly now: Instant;
}

function causeOf(state: Draining, cause: DrainCause): string {
  const byBudgets = budgetsCause(state, cause);
  switch (cause.why) {
    case 'stuck':
      return `${byBudgets ?? 'its pods could not leave'}, and others waited for its turn`;
    case 'deadlock':
      return `${byBudgets ?? 'its pods could not leave'}, and another node that drains waited for the same`;
    case 'window-closed':
      return `its window closed before it was drained${byBudgets === undefined ? '' : `, and ${byBudgets}`}`;
    case 'timeout':
      return byBudgets ?? leavingCause(state, cause.now) ?? phrase(cause.sentence);
    case 'refused':
    case 'error':
      return phrase(cause.sentence);
  }
}

const phrase = (sentence = 'it did not end in time'): string => sentence.replace(/\.$/, '');

/**
 * A budget that allowed evictions one by one was slow. One that allowed none for more than half of the time
 * is the cause.
 */
function budgetsCause(state: Draining, { budgets, now }: DrainCause): string | undefined {
  if (budgets.length === 0) return undefined;
  const never = state.drain?.waiting.find(isNever);
  if (never) return `budget ${never.budget} never allows it as it is written (${limitOf(never)})`;
  const budgetNames = `${budgets.length === 1 ? 'budget' : 'budgets'} ${listed(budgets)}`;
  const drained = now - toInstant(drainsSince(state));
  const stuck = now - (stuckSince({ ...withoutForce(state) }) ?? now);
  if (stuck * 2 >= drained) return `${budgetNames} allowed nothing for ${inWords(stuck)}`;
  return `pods still waited for ${budgetNames} after ${inWords(drained)}`;
}

function withoutForce({ force: _forced, ...state }: Draining): Draining {
  return state;
}

function leavingCause(state: Draining, now: Instant): string | undefined {
  const leaving = state.drain?.leaving ?? [];
  if (leaving.length === 0) return undefined;
  const duration = inWords(now - toInstant(drainsSince(state)));
  return `${leaving.length === 1 ? 'pod' : 'pods'} ${listed(leaving)} had not ended after ${duration}`;
}

function listed(names: readonly string[]): string {
  const more = names.length - maxShownNames;
  if (more > 0) return `${names.slice(0, maxShownNames).join(', ')} and ${more} more`;
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

/** "as soon as the budget has room": continues a sentence. Empty where no budget blocked the drain. */
export const orAtRoom = ({ budgets }: Undo): string =>
  budgets.length === 0 ? '' : `as soon as the ${budgets.length === 1 ? 'budget has' : 'budgets have'} room`;

const nodeAfter = (owner: CordonOwner | undefined): string => {
  if (owner === undefined) return 'The node is as it was before';
  return owner === 'us'
    ? 'The node takes pods again'
    : 'The node stays cordoned, as somebody else had cordoned it';
};

/** Reply in the thread when the node has been restored. */
export function undoneSentence(
  node: string,
  { cordon, retry }: { readonly cordon?: CordonOwner | undefined; readonly retry: DrainRetry },
  { retryAfter }: DrainPolicy,
): string {
  return `${node}'s drain was undone: ${retry.cause}. ${nodeAfter(cordon)}; ${nextTrySentence(retry, retryAfter.length + 1)}.`;
}

const personSentences: Readonly<Record<NonNullable<Undo['needsPerson']>, (times: number) => string>> = {
  'tried-enough': (times) =>
    `that was the ${times === 1 ? 'only try' : `last of ${times} tries`}, so somebody has to decide`,
  'cannot-succeed': () => 'trying again would not help, so somebody has to decide',
  forced: () => 'it had been forced already, so somebody has to decide',
};

function nextTrySentence(retry: DrainRetry, most: number): string {
  if (retry.needsPerson !== undefined) return personSentences[retry.needsPerson](retry.times);
  const pause = inWords(toInstant(retry.notBefore ?? retry.at) - toInstant(retry.at));
  const room = orAtRoom(retry);
  return `next try in ${pause}${room === '' ? '' : `, or ${room}`} (${retry.times} of ${most})`;
}
