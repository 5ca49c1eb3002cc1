import { pendingHook, waitOf } from '../deadlines/hook-waits.ts';
import { owesCleanUp } from '../state/clean-up.ts';
import type { Reboot } from '../state/reboot.ts';

/**
 * The effects that the state of a Reboot requires, in their order, derived from the state alone. Each is
 * idempotent and conditional on the boot. After a crash, any replica derives the same list.
 */
export type Effect =
  | { readonly kind: 'cordon' }
  /** Runs as a job of its own, because it is the only long effect. */
  | { readonly kind: 'drain' }
  /** Pending until the hook has answered. Not every reconcile calls the hook. */
  | { readonly kind: 'ask-hook' }
  | { readonly kind: 'order' }
  /**
   * Silences alerts of the node while this Reboot has it out of service. No call where they are known to be
   * silenced.
   */
  | { readonly kind: 'silence' }
  | { readonly kind: 'unsilence' }
  | { readonly kind: 'withdraw-order' }
  | { readonly kind: 'uncordon' }
  /**
   * Writes labels, annotations, taint and conditions for other tools. No call where they are there already,
   * as on most nodes.
   */
  | { readonly kind: 'mark' }
  | { readonly kind: 'release-turn' }
  /** Records that the effects above are complete, so that they are not repeated. */
  | { readonly kind: 'cleaned-up' };

const effect = (kind: Effect['kind']): Effect => ({ kind });

const marked = [effect('mark')];

const cleanUp = (
  ['withdraw-order', 'uncordon', 'mark', 'unsilence', 'release-turn', 'cleaned-up'] as const
).map(effect);

export function effectsOf(reboot: Pick<Reboot, 'state' | 'cleanup'>): readonly Effect[] {
  const { state } = reboot;
  switch (state.phase) {
    case 'Pending':
    case 'Snoozed':
    case 'Denied':
    case 'Approved':
      return [effect('mark')];
    case 'Settling':
      return [...marked, ...(pendingHook(state) ? [effect('ask-hook')] : []), effect('silence')];
    case 'Draining':
      // The cordon effect also writes the hooks' labels, annotations and condition, so they are there before
      // the first pod leaves.
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
      return ended(reboot, reboot.cleanup?.staysCordoned !== undefined);
    case 'GivenUp':
      return ended(reboot, state.leaveCordoned || reboot.cleanup?.staysCordoned !== undefined);
    case 'Failed':
      return failed(reboot);
  }
}

/** Without `uncordon` on a node that a person has left cordoned. */
function ended(reboot: Pick<Reboot, 'cleanup'>, staysCordoned: boolean): readonly Effect[] {
  if (!owesCleanUp(reboot)) return [];
  return staysCordoned ? cleanUp.filter(({ kind }) => kind !== 'uncordon') : cleanUp;
}

/**
 * The turn is kept until a person decides: a node that is down, or partly drained, is still out of service.
 * Alerts of a node that is out of service because of a failure must fire.
 */
const failed = (reboot: Pick<Reboot, 'cleanup'>): readonly Effect[] =>
  owesCleanUp(reboot)
    ? (['withdraw-order', 'mark', 'unsilence', 'cleaned-up'] as const).map(effect)
    : [effect('mark')];
