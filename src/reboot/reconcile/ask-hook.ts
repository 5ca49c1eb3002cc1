/** The effect that asks a hook of the pool whether the reboot goes on. */
import { pendingHook } from '../state/hook-waits.ts';
import type { HookQuestion } from '../ports/outside.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import type { RebootEvent } from '../machine/events.ts';
import { hookDueAt } from '../state/next-wake.ts';
import { fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Undefined where it is not its time. A crash after the question repeats it, with the same id. */
export async function askHook(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
): Promise<RebootEvent | undefined> {
  const question = questionOf(deps, reboot, node);
  if (question === undefined || !(await isStillAsked(deps, question))) return undefined;
  const { step, since } = question;
  const answer = await deps.hooks.ask(question);
  const told = { ...fieldsOf(reboot), hook: step, answer: answer.kind };
  if (answer.kind === 'done') deps.logger.info('hook lets the reboot go on', told);
  else deps.logger.warn('hook does not let the reboot go on', { ...told, why: answer.said });
  return { type: 'hook-answered', step, since, answer };
}

function questionOf(deps: ServiceDeps, reboot: Reboot, node: NodeView | undefined): HookQuestion | undefined {
  const asked = pendingHook(reboot.state);
  const pool = poolFor(deps, reboot);
  const hook = asked && pool.hooks[asked.step];
  if (!asked || !hook || !node || deps.clock.now() < hookDueAt(asked.run)) return undefined;
  return { hook, step: asked.step, since: asked.run.since, pool: pool.name, node, reboot };
}

/**
 * What was read may be old, and others act on what they are asked: nobody is asked about a reboot that was
 * cancelled.
 */
async function isStillAsked(deps: ServiceDeps, { reboot, step, since }: HookQuestion): Promise<boolean> {
  const stored = await deps.store.get(reboot.name);
  const asked = stored && pendingHook(stored.state);
  return asked?.step === step && asked.run.since === since;
}
