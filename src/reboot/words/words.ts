/** Sentences that several modules share. Names in them are plain text: the caller escapes them. */
import { isIn, type Phase, type Reboot, type RebootState } from '../state/reboot.ts';
import { type Principal } from '../state/decision.ts';

export function nameOf(principal: Principal): string {
  switch (principal.kind) {
    case 'user':
      return `@${principal.name}`;
    case 'window':
      return 'the window rule';
    case 'rule':
      return 'the automatic rule';
    case 'kubernetes':
      return principal.name;
  }
}

/** The principal for a deleted record: the API server does not report who deleted it. */
export const remover: Principal = { kind: 'kubernetes', name: 'somebody who deleted its Reboot' };

const standings: Record<Phase, string> = {
  Pending: 'waits for a decision',
  Snoozed: 'is snoozed',
  Denied: 'is denied',
  Approved: 'is approved and waits for its start',
  Draining: 'is draining',
  Undoing: 'is being put back, its drain undone',
  Rebooting: 'is rebooting',
  Settling: 'is back and being watched',
  Succeeded: 'has rebooted',
  Failed: 'failed',
  GivenUp: 'was given up',
  Cancelled: 'is cancelled',
  Superseded: 'is over without us',
};

/** "is draining": continues a sentence that begins with the node's name. */
export const standingOf = (phase: Phase): string => standings[phase];

/** The names of those whose decision led to the current phase; undefined where there is no decision. */
export function decidedBy(state: RebootState): string | undefined {
  switch (state.phase) {
    case 'Snoozed':
    case 'Denied':
    case 'Cancelled':
      return nameOf(state.by);
    case 'Approved':
    case 'Draining':
    case 'Undoing':
    case 'Rebooting':
    case 'Settling':
    case 'Succeeded':
      return state.decision.approvals.map((approval) => nameOf(approval.by)).join(' and ');
    case 'Failed':
    case 'GivenUp':
      return state.from.decision.approvals.map((approval) => nameOf(approval.by)).join(' and ');
    case 'Pending':
    case 'Superseded':
      return undefined;
  }
}

/** The reply to a person whose click came too late. */
export function tooLate(reboot: Reboot): string {
  const who = decidedBy(reboot.state);
  const standing = `${reboot.node.name} ${standingOf(reboot.state.phase)}`;
  return who === undefined ? `${standing}.` : `${standing}; that was decided by ${who}.`;
}

/**
 * Why the node stays cordoned after the end, and what to do about it; undefined where it is uncordoned or was
 * never cordoned by Tugboot.
 */
export function cordonLeft({ node, state, cleanup }: Reboot): string | undefined {
  const stays = cleanup?.staysCordoned;
  if (stays === undefined) return undefined;
  if (stays === 'another-boot')
    return `It stays cordoned: it booted once more right after it was proven, and nobody has proven this boot. Look at it, then uncordon it yourself (kubectl uncordon ${node.name}).`;
  if (stays === 'goes-down')
    return `It stays cordoned: its agent says that its host was asked to reboot. Uncordon it yourself when it has booted (kubectl uncordon ${node.name}).`;
  if (state.phase === 'Succeeded' && state.cordon === 'other')
    return 'It stays cordoned: somebody else had cordoned it before.';
  const from = 'from' in state ? state.from : undefined;
  if (from === 'Pending' || from === 'Snoozed' || from === 'Denied' || from === 'Approved') return undefined;
  return `It stays cordoned: somebody else cordoned it, or took Tugboot's mark off its cordon. Uncordon it yourself (kubectl uncordon ${node.name}).`;
}

/**
 * Whether a person has to uncordon the node. False where somebody else had cordoned it before: that is
 * expected.
 */
export const needsUncordon = (reboot: Reboot): boolean =>
  cordonLeft(reboot) !== undefined &&
  !(
    isIn(reboot, 'Succeeded') &&
    reboot.state.cordon === 'other' &&
    reboot.cleanup?.staysCordoned === 'not-ours'
  );

/** The sentence about an announced shutdown that is overdue; undefined where none is. */
export const overdueSentence = ({ cleanup }: Reboot): string | undefined =>
  cleanup?.goesDown?.overdue
    ? 'Its agent says that its host was asked to reboot, and it has not booted. It stays cordoned and keeps its turn until somebody looks: at its console, and at its agent. Skip leaves it cordoned and lets the pool go on.'
    : undefined;
