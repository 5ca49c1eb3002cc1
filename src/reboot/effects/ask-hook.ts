/** The effect that calls a webhook of the pool, which decides whether the reboot continues. */
import { pendingHook, waitOf } from '../deadlines/hook-waits.ts';
import type { HookQuestion } from '../ports/outside.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { hookDueAt } from '../deadlines/next-wake.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type Effect, type EffectContext, telling } from './effect.ts';

/** Owed until the hook has answered. Not every reconcile calls the hook. */
export const askHook: Effect<'ask-hook'> = {
  name: 'ask-hook',
  owed: ({ state }) =>
    pendingHook(state) !== undefined &&
    (state.phase !== 'Draining' || (state.cordon !== undefined && waitOf(state) === undefined)),
  carryOut: async (context) => telling(await callHook(context)),
  does: 'Calls a webhook of the pool, which decides whether the reboot continues.',
  repeated: 'The call has the same id each time, so that the receiver recognises it.',
  crash: 'The hook is called again, with the same id.',
};

/** Undefined where no call is due. */
async function callHook({
  deps,
  reboot,
  observation: { node },
}: EffectContext): Promise<RebootEvent | undefined> {
  const question = questionOf(deps, reboot, node);
  if (question === undefined || !(await isStillPending(deps, question))) return undefined;
  const { step, since } = question;
  const answer = await deps.hooks.ask(question);
  const fields = { ...fieldsOf(reboot), hook: step, answer: answer.kind };
  if (answer.kind === 'done') deps.logger.info('hook lets the reboot go on', fields);
  else deps.logger.warn('hook does not let the reboot go on', { ...fields, why: answer.said });
  return { type: 'hook-answered', step, since, answer };
}

function questionOf(deps: ServiceDeps, reboot: Reboot, node: NodeView | undefined): HookQuestion | undefined {
  const pending = pendingHook(reboot.state);
  const pool = poolFor(deps, reboot);
  const hook = pending && pool.hooks[pending.step];
  if (!pending || !hook || !node || deps.clock.now() < hookDueAt(pending.run)) return undefined;
  return { hook, step: pending.step, since: pending.run.since, pool: pool.name, node, reboot };
}

/**
 * The Reboot may be a stale read, and the receiver acts on the call: no hook is called for a cancelled
 * reboot.
 */
async function isStillPending(deps: ServiceDeps, { reboot, step, since }: HookQuestion): Promise<boolean> {
  const stored = await deps.store.get(reboot.name);
  const pending = stored && pendingHook(stored.state);
  return pending?.step === step && pending.run.since === since;
}
