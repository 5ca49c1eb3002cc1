import type { BootTarget } from '../ports.ts';
import { type Effect, effectsOf } from '../effects.ts';
import type { Reboot } from '../reboot.ts';
import { isIn } from '../reboot.ts';
import type { RebootEvent } from '../transition/events.ts';
import { fieldsOf } from './apply.ts';
import type { ServiceDeps } from './deps.ts';

/** The boot that this Reboot may end, and that its writes are meant for until then. */
export const targetOf = (reboot: Reboot): BootTarget => ({
  node: reboot.node.name,
  uid: reboot.node.uid,
  bootId: reboot.bootId,
});

/**
 * Carries out what the state owes and returns what came of it. An effect that cannot be had now throws, and is owed still; one that finds
 * the node changed returns nothing, and the next look tells.
 */
export async function carryOut(deps: ServiceDeps, reboot: Reboot): Promise<readonly RebootEvent[]> {
  const events: RebootEvent[] = [];
  for (const effect of effectsOf(reboot)) {
    const event = await carryOutOne(deps, reboot, effect);
    if (event) events.push(event);
  }
  return events;
}

async function carryOutOne(
  deps: ServiceDeps,
  reboot: Reboot,
  effect: Effect,
): Promise<RebootEvent | undefined> {
  const target = targetOf(reboot);
  switch (effect.kind) {
    case 'cordon': {
      const owner = await deps.cluster.cordon(target, reboot.name);
      deps.logger.info('node cordoned', { ...fieldsOf(reboot), owner });
      return owner === 'us' || owner === 'other' ? { type: 'cordoned', owner } : undefined;
    }
    case 'drain':
      await deps.queue.drain(reboot.name);
      return undefined;
    case 'order': {
      const answer = await deps.cluster.order(target);
      if (answer !== 'ordered') deps.logger.warn('order not given', { ...fieldsOf(reboot), answer });
      return undefined;
    }
    case 'withdraw-order':
      await deps.cluster.withdrawOrder(target.node);
      return undefined;
    case 'uncordon':
      await uncordon(deps, reboot);
      return undefined;
    case 'release-turn':
      await deps.ledger.release(reboot.name);
      return undefined;
    case 'tidied':
      return { type: 'tidied' };
  }
}

/** At the boot that is seen now: the proven one, or, where a node booted without us, whichever it is in. */
async function uncordon(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  const { node } = await deps.cluster.observe(reboot.node.name);
  if (!node || node.uid !== reboot.node.uid) return;
  const bootId = isIn(reboot, 'Succeeded') ? reboot.state.newBootId : node.bootId;
  const answer = await deps.cluster.uncordon({ node: node.name, uid: node.uid, bootId }, reboot.name);
  deps.logger.info('node uncordoned', { ...fieldsOf(reboot), answer });
}
