/** All effects. */
import { askHook } from './ask-hook.ts';
import { cleanedUp } from './cleaned-up.ts';
import { cordon } from './cordon.ts';
import { drain } from './drain.ts';
import { type Effect, type EffectContext, type LeftBehind, type Owing, stillOwed } from './effect.ts';
import { label } from './label.ts';
import { order } from './order.ts';
import { releaseTurn } from './release-turn.ts';
import { silence, unsilence } from './silence.ts';
import { uncordon } from './uncordon.ts';
import { withdrawOrder } from './withdraw-order.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import type { Reboot } from '../state/reboot.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/**
 * In the order in which they are carried out. No order is left when the node is uncordoned, and the turn
 * goes to another node only when this one is back in service.
 */
const rows = [
  cordon,
  order,
  withdrawOrder,
  uncordon,
  label,
  askHook,
  drain,
  silence,
  unsilence,
  releaseTurn,
  cleanedUp,
] as const;

export type EffectName = (typeof rows)[number]['name'];

export const effects: readonly Effect<EffectName>[] = rows;

/** The effects that a Reboot owes, in their order. */
export const effectsOf = (reboot: Owing): readonly Effect<EffectName>[] =>
  effects.filter(({ owed }) => owed(reboot));

/** Carries out what the Reboot owes, and returns what came of it. */
export async function carryOut(
  deps: ServiceDeps,
  reboot: Reboot,
  { observation, fresh }: Pick<EffectContext, 'observation' | 'fresh'>,
): Promise<readonly RebootEvent[]> {
  const events: RebootEvent[] = [];
  const left: LeftBehind = {};
  for (const effect of effectsOf(reboot)) {
    const still = stillOwed(deps, reboot, effect);
    const done = await effect.carryOut({ deps, reboot, observation, fresh, still, left });
    if (done.event) events.push(done.event);
    if (done.othersWait) break;
    Object.assign(left, done.left);
  }
  return events;
}
