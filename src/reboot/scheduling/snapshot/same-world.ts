/** Whether two snapshots show the same, so that one plan serves both. */
import type { LedgerState } from './ledger.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Compares the objects and not their content: the watch caches keep an object as long as its content is the
 * same. When the cluster was last heard of is left out: a plan is not used for long.
 */
export const isSameWorld = (one: Snapshot, other: Snapshot): boolean =>
  one.ledgerProblem === other.ledgerProblem &&
  one.chatAwaySince === other.chatAwaySince &&
  isSameList(one.nodes, other.nodes) &&
  isSameList(one.reboots, other.reboots) &&
  isSameLedger(one.ledger, other.ledger) &&
  isSameList(one.pauses, other.pauses) &&
  isSameList(one.ownNodes, other.ownNodes) &&
  isSameList(one.unreadable ?? [], other.unreadable ?? []) &&
  isSameList([...(one.packageWork ?? [])].flat(), [...(other.packageWork ?? [])].flat());

/** Each read of the ledger makes new objects. */
const isSameLedger = ({ turns: one }: LedgerState, { turns: other }: LedgerState): boolean =>
  one === other ||
  (one.length === other.length &&
    one.every(({ reboot, since }, index) => reboot === other[index]?.reboot && since === other[index].since));

const isSameList = (one: readonly unknown[], other: readonly unknown[]): boolean =>
  one === other || (one.length === other.length && one.every((each, index) => each === other[index]));
