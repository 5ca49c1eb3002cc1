import type { Reboot } from './reboot.ts';

/**
 * What a Reboot owes the world, derived from its state alone, in the order in which it is owed. Each effect is idempotent and bound to
 * the boot; whoever finds the Reboot after a crash derives the same list.
 */
export type Effect =
  | { readonly kind: 'cordon' }
  /** Handed to a job of its own: the only long effect. */
  | { readonly kind: 'drain' }
  | { readonly kind: 'order' }
  | { readonly kind: 'withdraw-order' }
  | { readonly kind: 'uncordon' }
  | { readonly kind: 'release-turn' }
  /** Everything above is done: say so, so that it is not done again. */
  | { readonly kind: 'tidied' };

const effect = (kind: Effect['kind']): Effect => ({ kind });

export function effectsOf({ state }: Pick<Reboot, 'state'>): readonly Effect[] {
  switch (state.phase) {
    case 'Pending':
    case 'Snoozed':
    case 'Denied':
    case 'Approved':
    case 'Settling':
      return [];
    case 'Draining':
      return [effect(state.cordon === undefined ? 'cordon' : 'drain')];
    case 'Rebooting':
      return [effect('order')];
    case 'Succeeded':
    case 'Cancelled':
    case 'Superseded':
      return state.tidied
        ? []
        : (['withdraw-order', 'uncordon', 'release-turn', 'tidied'] as const).map(effect);
    case 'Failed':
      if (state.tidied) return [];
      // The turn is kept until somebody decides: a node that is down, or half drained, is still out of service.
      if (state.givenUp === undefined) return (['withdraw-order', 'tidied'] as const).map(effect);
      return [
        effect('withdraw-order'),
        ...(state.givenUp.leaveCordoned ? [] : [effect('uncordon')]),
        effect('release-turn'),
        effect('tidied'),
      ];
  }
}
