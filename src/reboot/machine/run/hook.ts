/** The hooks of a pool: how answers and time limits change a Reboot that waits for one. */
import type { HookAnswer, HookRun, HookStep } from '../../state/hook-facts.ts';
import { hookFrom, hookSays, pendingHook } from '../../deadlines/hook-waits.ts';
import { type FailureCode, type In, type Reboot, isIn } from '../../state/reboot.ts';
import { inWords, toInstant, toTimestamp } from '../../time/time.ts';
import { tooLate } from '../../words/words.ts';
import {
  type Context,
  enter,
  rejected,
  remember,
  type RebootEvent,
  type Step,
  unchanged,
} from '../events/events.ts';

type Answered = Extract<RebootEvent, { type: 'hook-answered' }>;
type InHook = In<'Draining' | 'Settling'>;

/** An answer counts only for the run that was called. A retry starts a new run. */
export function hookAnswered(reboot: Reboot, event: Answered, context: Context): Step {
  const asked = isIn(reboot, 'Draining', 'Settling') ? pendingHook(reboot.state) : undefined;
  if (!isIn(reboot, 'Draining', 'Settling') || asked?.step !== event.step || asked.run.since !== event.since)
    return rejected('too-late', tooLate(reboot));
  const { answer } = event;
  const run: HookRun = { ...asked.run, askedAt: toTimestamp(context.now) };
  if (answer.kind === 'done') return proceed(reboot, withoutSaid(run), context);
  // The time limit alone fails no hook: after an outage of the bot the hook is called once more.
  if (answer.kind === 'wait' && context.now < toInstant(run.until))
    return withRun(reboot, { ...run, said: answer.said });
  return endWithoutConsent(reboot, { run, event, answer }, context);
}

function withoutSaid({ said: _said, ...run }: HookRun): HookRun {
  return run;
}

type Refusal = Exclude<HookAnswer, { kind: 'done' }>;

function sentenceOf(step: HookStep, { kind, said }: Refusal, { since, until }: HookRun): string {
  const sentence = hookSays(step, said);
  if (kind === 'failed') return sentence;
  return `${sentence} It had ${inWords(toInstant(until) - toInstant(since))} to say yes.`;
}

function endWithoutConsent(
  reboot: InHook,
  {
    run,
    event: { step },
    answer,
  }: { readonly run: HookRun; readonly event: Answered; readonly answer: Refusal },
  context: Context,
): Step {
  const sentence = sentenceOf(step, answer, run);
  // A hook that was removed from the configuration cannot fail the reboot.
  if (context.pool.hooks[step]?.onFailure === 'fail') return fail(reboot, 'hook-failed', sentence, context);
  const reason = `${sentence} The reboot goes on without it, as pool ${reboot.pool} wants it.`;
  const history = remember(reboot, { what: 'hook-failed', reason }, context.now);
  return proceed({ ...reboot, history }, { ...run, said: answer.said }, context);
}

const fail = (reboot: InHook, code: FailureCode, sentence: string, { now }: Context): Step =>
  enter(reboot, {
    phase: 'Failed',
    since: toTimestamp(now),
    code,
    sentence,
    from: reboot.state,
  });

function withRun(reboot: InHook, run: HookRun): Step {
  const { state } = reboot;
  if (state.phase === 'Settling') return enter(reboot, { ...state, afterHook: run });
  return enter(reboot, { ...state, beforeHook: { ...run, pods: state.beforeHook?.pods ?? 0 } });
}

/** The drain runs once more before the order, so it gets a full timeout. */
function proceed(reboot: InHook, run: HookRun, { pool, now }: Context): Step {
  const ended = { ...run, endedAt: toTimestamp(now) };
  if (!isIn(reboot, 'Draining')) return withRun(reboot, ended);
  const deadline = toTimestamp(now + pool.drain.timeout);
  return withRun({ ...reboot, state: { ...reboot.state, deadline } }, ended);
}

/** A hook that was removed from the configuration while it was called no longer blocks. */
export function withoutHook(reboot: In<'Draining'>, context: Context): Step {
  const { beforeHook } = reboot.state;
  if (beforeHook === undefined || context.pool.hooks.before !== undefined) return unchanged(reboot);
  return proceed(reboot, withoutSaid(beforeHook), context);
}

/**
 * For a node that has been healthy for the settle time: what its hook requires; undefined where it may
 * succeed now. A node that turns unhealthy meanwhile settles again, within a bounded time: the deadline is
 * moved once.
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
 * Without this the run would start again at each reconcile, and the hook would never be called. A custom
 * resource definition that drops the run has no failure code for hooks either.
 */
export function hookLost(reboot: Reboot, context: Context): Step {
  if (!isIn(reboot, 'Draining', 'Settling')) return rejected('too-late', tooLate(reboot));
  const step: HookStep = isIn(reboot, 'Draining') ? 'before' : 'after';
  const sentence = `Its hook (hooks.${step}) cannot be asked: the custom resource definition of Reboots is of an earlier version, which does not keep it. Apply the one of this version, then retry.`;
  return fail(reboot, step === 'before' ? 'drain-error' : 'not-healthy', sentence, context);
}
