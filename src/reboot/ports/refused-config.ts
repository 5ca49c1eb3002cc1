import type { ClusterEvent } from '../nodes/cluster-event.ts';
import type { NoticePlace } from '../signals/node-note.ts';
import type { Instant } from './time.ts';

/** A configuration that was changed while Tugboot runs, and refused: the one before stays in force. */
export interface RefusedConfig {
  /** Every problem, a line for each below a first line. */
  readonly problem: string;
  /** Of the file as it is: the same one has the same, in every replica. */
  readonly version: string;
  /** When this process read it first. */
  readonly since: Instant;
}

/** A message of its own about it. */
export interface RefusedConfigNotice extends NoticePlace {
  readonly problems: readonly string[];
  /** From when on one that another replica posted is looked for. */
  readonly since: Instant;
}

/** An Event about no node, on the ledger's object. */
export type LedgerEvent = Omit<ClusterEvent, 'node' | 'nodeUid' | 'reboot'>;

/** A whole channel may read it, and an address may be all that a calendar asks of its readers. */
export const withoutAddresses = (problem: string): string =>
  problem.replaceAll(/(\w+:\/\/[^\s/?#"']+)[/?#][^\s"']*/g, '$1/…');
