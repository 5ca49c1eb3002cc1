import { pendingHook, waitOf } from '../state/hook-waits.ts';
import type { CleanUp } from '../state/clean-up.ts';
import type { Failed, Reboot } from '../state/reboot.ts';

/**
 * What a Reboot owes the world, derived from its state alone, in the order in which it is owed. Each effect
 * is idempotent and bound to the boot; whoever finds the Reboot after a crash derives the same list.
 */
export type Effect =
  | { readonly kind: 'cordon' }
  /** Handed to a job of its own: the only long effect. */
  | { readonly kind: 'drain' }
  /** Owed until it has answered; not asked each time that somebody looks. */
  | { readonly kind: 'ask-hook' }
  | { readonly kind: 'order' }
  /**
   * Alerts of the node, while it is out of service through us. No call where they are known to be silenced.
   */
  | { readonly kind: 'silence' }
  | { readonly kind: 'unsilence' }
  | { readonly kind: 'withdraw-order' }
  | { readonly kind: 'uncordon' }
  /**
   * What the node wears for other tools. No call where it wears that already, which is all there is to do for
   * most nodes.
   */
  | { readonly kind: 'mark' }
  | { readonly kind: 'release-turn' }
  /** Everything above is done: say so, so that it is not done again. */
  | { readonly kind: 'tidied' };

const effect = (kind: Effect['kind']): Effect => ({ kind });

const marked = [effect('mark')];

const cleanUp = (['withdraw-order', 'uncordon', 'mark', 'unsilence', 'release-turn', 'tidied'] as const).map(
  effect,
);

export function effectsOf({ state }: Pick<Reboot, 'state'>): readonly Effect[] {
  switch (state.phase) {
    case 'Pending':
    case 'Snoozed':
    case 'Denied':
    case 'Approved':
      return [effect('mark')];
    case 'Settling':
      return [...marked, ...(pendingHook(state) ? [effect('ask-hook')] : []), effect('silence')];
    case 'Draining':
      // What the node wears from its cordon on belongs to the cordon: it has to be there before the first pod
      // leaves.
      if (state.cordon === undefined) return [effect('cordon')];
      if (waitOf(state)) return [...marked, effect('silence')];
      return [...marked, effect(pendingHook(state) ? 'ask-hook' : 'drain'), effect('silence')];
    case 'Rebooting':
      return (['order', 'mark', 'silence'] as const).map(effect);
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
    ...(['mark', 'unsilence', 'release-turn', 'tidied'] as const).map(effect),
  ];
}

function failed(state: Failed): readonly Effect[] {
  const { tidied, givenUp } = state;
  // The turn is kept until somebody decides: a node that is down, or half drained, is still out of service.
  if (givenUp === undefined)
    // Nothing of a node that is out against our will is kept from people.
    return tidied
      ? [effect('mark')]
      : (['withdraw-order', 'mark', 'unsilence', 'tidied'] as const).map(effect);
  return ended(givenUp.leaveCordoned ? { ...state, staysCordoned: 'not-ours' } : state);
}
