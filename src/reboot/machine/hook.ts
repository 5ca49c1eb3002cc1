/**
 * The hooks of a pool: what becomes of a reboot that waits for one, by what it answers and by how long that
 * takes.
 */
import type { HookAnswer, HookRun, HookStep } from '../state/hook-facts.ts';
import { hookFrom, hookSays, pendingHook } from '../state/hook-waits.ts';
import type { FailureCode, In, Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import { inWords, toInstant, toTimestamp } from '../ports/time.ts';
import { tooLate } from '../words/words.ts';
import { type Context, enter, rejected, remember, type RebootEvent, type Step, unchanged } from './events.ts';

type Answered = Extract<RebootEvent, { type: 'hook-answered' }>;
type Asking = In<'Draining' | 'Settling'>;

/** An answer counts for the run that was asked, and for no later one: a retry asks anew. */
export function hookAnswered(reboot: Reboot, event: Answered, context: Context): Step {
  const asked = isIn(reboot, 'Draining', 'Settling') ? pendingHook(reboot.state) : undefined;
  if (!isIn(reboot, 'Draining', 'Settling') || asked?.step !== event.step || asked.run.since !== event.since)
    return rejected('too-late', tooLate(reboot));
  const { answer } = event;
  const run: HookRun = { ...asked.run, askedAt: toTimestamp(context.now) };
  if (answer.kind === 'done') return goesOn(reboot, withoutWord(run), context);
  // Time alone fails no hook: a bot that comes back after it asks once more.
  if (answer.kind === 'wait' && context.now < toInstant(run.until))
    return withRun(reboot, { ...run, said: answer.said });
  return failedOf(reboot, { run, event, answer }, context);
}

function withoutWord({ said: _said, ...run }: HookRun): HookRun {
  return run;
}

type No = Exclude<HookAnswer, { kind: 'done' }>;

function sentenceOf(step: HookStep, { kind, said }: No, { since, until }: HookRun): string {
  const sentence = hookSays(step, said);
  if (kind === 'failed') return sentence;
  return `${sentence} It had ${inWords(toInstant(until) - toInstant(since))} to say yes.`;
}

function failedOf(
  reboot: Asking,
  { run, event: { step }, answer }: { readonly run: HookRun; readonly event: Answered; readonly answer: No },
  context: Context,
): Step {
  const sentence = sentenceOf(step, answer, run);
  // Without a hook in the configuration there is nothing to wait for.
  if (context.pool.hooks[step]?.onFailure === 'fail') return fail(reboot, 'hook-failed', sentence, context);
  const reason = `${sentence} The reboot goes on without it, as pool ${reboot.pool} wants it.`;
  const history = remember(reboot, { what: 'hook-failed', reason }, context.now);
  return goesOn({ ...reboot, history }, { ...run, said: answer.said }, context);
}

const fail = (reboot: Asking, code: FailureCode, sentence: string, { now }: Context): Step =>
  enter(reboot, {
    phase: 'Failed',
    since: toTimestamp(now),
    code,
    sentence,
    from: reboot.state,
    tidied: false,
  });

function withRun(reboot: Asking, run: HookRun): Step {
  const { state } = reboot;
  if (state.phase === 'Settling') return enter(reboot, { ...state, afterHook: run });
  return enter(reboot, { ...state, beforeHook: { ...run, pods: state.beforeHook?.pods ?? 0 } });
}

/** Before the order the node is looked through once more, in the time of a drain of its own. */
function goesOn(reboot: Asking, run: HookRun, { pool, now }: Context): Step {
  const ended = { ...run, endedAt: toTimestamp(now) };
  if (!isIn(reboot, 'Draining')) return withRun(reboot, ended);
  const deadline = toTimestamp(now + pool.drain.timeout);
  return withRun({ ...reboot, state: { ...reboot.state, deadline } }, ended);
}

/** A hook that was taken out of the configuration while it was asked is waited for no longer. */
export function withoutHook(reboot: In<'Draining'>, context: Context): Step {
  const { beforeHook } = reboot.state;
  if (beforeHook === undefined || context.pool.hooks.before !== undefined) return unchanged(reboot);
  return goesOn(reboot, withoutWord(beforeHook), context);
}

/**
 * Of a node that has been healthy for the settle time: what its hook makes of that; undefined where nothing
 * keeps it from its end. A node that turns unhealthy meanwhile settles once more, within a bounded time: the
 * deadline is moved once.
 */
export function proven(reboot: In<'Settling'>, { pool, now }: Context): Step | undefined {
  const { afterHook, deadline } = reboot.state;
  const { after } = pool.hooks;
  if (after === undefined || afterHook?.endedAt !== undefined) return undefined;
  if (afterHook !== undefined) return unchanged(reboot);
  const run = hookFrom(now, after);
  const settled = toTimestamp(toInstant(run.until) + pool.settleTime + pool.settleTimeout);
  return enter(reboot, {
    ...reboot.state,
    healthySince: reboot.state.healthySince ?? toTimestamp(now),
    missing: [],
    deadline: settled > deadline ? settled : deadline,
    afterHook: run,
  });
}

/**
 * Otherwise the hook would begin anew at each look, and never be asked. The definition that drops it knows no
 * code of a hook either.
 */
export function hookLost(reboot: Reboot, context: Context): Step {
  if (!isIn(reboot, 'Draining', 'Settling')) return rejected('too-late', tooLate(reboot));
  const step: HookStep = isIn(reboot, 'Draining') ? 'before' : 'after';
  const sentence = `Its hook (hooks.${step}) cannot be asked: the custom resource definition of Reboots is of an earlier version, which does not keep it. Apply the one of this version, then retry.`;
  return fail(reboot, step === 'before' ? 'drain-error' : 'not-healthy', sentence, context);
}
