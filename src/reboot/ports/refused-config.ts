import type { ClusterEvent } from '../nodes/cluster-event.ts';
import type { NoticePlace } from '../nodes/node-note.ts';
import type { Instant } from '../time/time.ts';

/** A configuration that was changed at run time and rejected: the previous one stays in force. */
export interface RefusedConfig {
  /** A summary line, then one line for each problem. */
  readonly problem: string;
  /** A version of the file's content: equal in every replica that reads the same file. */
  readonly version: string;
  /** When this process first read it. */
  readonly since: Instant;
}

/** A separate message about it. */
export interface RefusedConfigNotice extends NoticePlace {
  readonly problems: readonly string[];
  /** How far back an earlier post by another replica is searched for. */
  readonly since: Instant;
}

/** An Event that concerns no node, recorded on the ledger's object. */
export type LedgerEvent = Omit<ClusterEvent, 'node' | 'nodeUid' | 'reboot'>;

/**
 * Removes paths and queries of URLs. A whole channel may read the text, and the URL of a calendar may contain
 * its only secret.
 */
export const withoutAddresses = (problem: string): string =>
  problem.replaceAll(/(\w+:\/\/[^\s/?#"']+)[/?#][^\s"']*/g, '$1/…');
