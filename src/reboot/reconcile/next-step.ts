/** When the next step of a Reboot is carried out, and what wakes it. */
import { isIn, type Reboot } from '../state/reboot.ts';
import type { Instant } from '../time/time.ts';
import { stepOf } from '../machine/step.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { takeStep } from '../loop/step-rate.ts';
import { announceRestless } from '../show/announce.ts';

/** At once, unless too many steps have followed each other: that is a bug, or another writer. */
export async function nextStepAt(deps: ServiceDeps, before: Reboot, after: Reboot): Promise<Instant> {
  const rate = takeStep(deps.steps.get(after.name), deps.clock.now());
  deps.steps.set(after.name, rate);
  if (rate.waited === 1) await announceRestless(deps, after, before.state.phase);
  return rate.notBefore;
}

/** The plan wakes an approved Reboot: to start, or to show what blocks it. */
export async function queueNextStep(deps: ServiceDeps, before: Reboot, reboot: Reboot): Promise<void> {
  const at = await nextStepAt(deps, before, reboot);
  if (isIn(reboot, 'Approved')) await deps.queue.plan(at);
  else await deps.queue.reconcile(reboot.name, at, stepOf(reboot));
}
