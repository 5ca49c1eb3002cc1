import { pendingHook, waitOf } from '../state/hook-waits.ts';
import type { CleanUp, Failed, Reboot } from '../state/reboot.ts';

/**
 * What a Reboot owes the world, derived from its state alone, in the order in which it is owed. Each effect is idempotent and bound to
 * the boot; whoever finds the Reboot after a crash derives the same list.
 */
export type Effect =
  | { readonly kind: 'cordon' }
  /** Handed to a job of its own: the only long effect. */
  | { readonly kind: 'drain' }
  /** Owed until it has answered; not asked each time that somebody looks. */
  | { readonly kind: 'ask-hook' }
  | { readonly kind: 'order' }
  | { readonly kind: 'withdraw-order' }
  | { readonly kind: 'uncordon' }
  /** What the node wears for other tools. No call where it wears that already, which is all there is to do for most nodes. */
  | { readonly kind: 'mark' }
  | { readonly kind: 'release-turn' }
  /** Everything above is done: say so, so that it is not done again. */
  | { readonly kind: 'tidied' };

const effect = (kind: Effect['kind']): Effect => ({ kind });

const cleanUp = (['withdraw-order', 'uncordon', 'mark', 'release-turn', 'tidied'] as const).map(effect);

export function effectsOf({ state }: Pick<Reboot, 'state'>): readonly Effect[] {
  switch (state.phase) {
    case 'Pending':
    case 'Snoozed':
    case 'Denied':
    case 'Approved':
      return [effect('mark')];
    case 'Settling':
      return pendingHook(state) ? (['mark', 'ask-hook'] as const).map(effect) : [effect('mark')];
    case 'Draining':
      // What the node wears from its cordon on belongs to the cordon: it has to be there before the first pod leaves.
      if (state.cordon === undefined) return [effect('cordon')];
      if (waitOf(state)) return [effect('mark')];
      return (['mark', pendingHook(state) ? 'ask-hook' : 'drain'] as const).map(effect);
    case 'Rebooting':
      return (['order', 'mark'] as const).map(effect);
    case 'Undoing':
      return cleanUp;
    case 'Succeeded':
    case 'Cancelled':
    case 'Superseded':
      return ended(state);
    case 'Failed':
      return failed(state);
  }
}

/** A node that a person has left cordoned is not uncordoned any more. */
function ended({ tidied, staysCordoned }: CleanUp): readonly Effect[] {
  if (tidied) return [];
  return [
    effect('withdraw-order'),
    ...(staysCordoned === undefined ? [effect('uncordon')] : []),
    ...(['mark', 'release-turn', 'tidied'] as const).map(effect),
  ];
}

function failed(state: Failed): readonly Effect[] {
  const { tidied, givenUp } = state;
  // The turn is kept until somebody decides: a node that is down, or half drained, is still out of service.
  if (givenUp === undefined)
    return tidied ? [effect('mark')] : (['withdraw-order', 'mark', 'tidied'] as const).map(effect);
  return ended(givenUp.leaveCordoned ? { ...state, staysCordoned: 'not-ours' } : state);
}
