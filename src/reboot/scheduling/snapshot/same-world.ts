/** Whether two snapshots show the same, so that one plan serves both. */
import { isIn, type Reboot } from '../../state/reboot.ts';
import type { LedgerState } from './ledger.ts';
import type { Snapshot } from './snapshot.ts';

/**
 * Compares the objects and not their content: the watch caches keep an object as long as its content is the
 * same. The time of the last watch event is not compared, since a plan is used only for a short time.
 */
export const isSameWorld = (one: Snapshot, other: Snapshot): boolean =>
  one.ledgerProblem === other.ledgerProblem &&
  one.chatAwaySince === other.chatAwaySince &&
  isSameList(one.nodes, other.nodes) &&
  isSameList(one.reboots, other.reboots, isSameReboot) &&
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

function isSameList<T>(
  one: readonly T[],
  other: readonly T[],
  isSame: (one: T, other: T | undefined) => boolean = (each, same) => each === same,
): boolean {
  return (
    one === other || (one.length === other.length && one.every((each, index) => isSame(each, other[index])))
  );
}

/** Of a Reboot that is under way a plan sees its phase and since when, and not how far its drain is. */
const isSameReboot = (one: Reboot, other: Reboot | undefined): boolean =>
  one === other ||
  (other !== undefined &&
    isIn(one, 'Draining', 'Rebooting', 'Settling') &&
    one.name === other.name &&
    one.pool === other.pool &&
    one.state.phase === other.state.phase &&
    one.state.since === other.state.since &&
    one.need.digest === other.need.digest);
