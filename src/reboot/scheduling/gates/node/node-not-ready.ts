import type { Blocker } from '../../blockers/blockers.ts';
import type { In } from '../../../state/reboot.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/**
 * A kubelet that does not report never confirms that its pods have terminated, so a drain would run until its
 * timeout.
 */
export function nodeNotReady(
  reboot: In<'Approved'>,
  { known }: Situation,
): Blocker<'node-not-ready'> | undefined {
  const node = known.nodes.get(reboot.node.name);
  if (node === undefined || node.ready || isApprovedAsItIs(reboot)) return undefined;
  return {
    code: 'node-not-ready',
    sentence: `${reboot.node.name} is not Ready, so that its pods would not be seen to end.`,
    clears:
      'It starts when the node is Ready. To go on as it is: Cancel, Ask again, and approve it when the card says that it is not Ready.',
  };
}

/** Whether a person approved it while the card showed that the node is not Ready. */
function isApprovedAsItIs({ state, impact }: In<'Approved'>): boolean {
  const { approvals, at } = state.decision;
  const isPersonal = approvals.some(({ by }) => by.kind === 'user' || by.kind === 'kubernetes');
  const { afterDecision } = impact ?? {};
  return (
    isPersonal &&
    impact?.nodeNotReady === true &&
    afterDecision?.decision === at &&
    afterDecision.nodeNotReady !== true
  );
}
