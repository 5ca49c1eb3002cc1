import type { Instant, Millis, Timestamp } from '../time/time.ts';

/**
 * The kinds of notes on a node, stored separately: `doubt` (a signal that cannot be read) and `rebooters`
 * (another component reboots it).
 */
export type NoteTopic = 'doubt' | 'rebooters';

/**
 * A condition of a node that people have to be notified of. Stored in the cluster, so that a restart or
 * another replica continues from it.
 */
export interface NodeNote {
  /**
   * Names of the unreadable signals, empty when the agent itself is silent; or the names of the other
   * rebooters.
   */
  readonly about: readonly string[];
  readonly since: Timestamp;
  /** The message about it: its key, the time of the first claim (`begun`) and of the latest (`at`). */
  readonly notice?: { readonly key: string; readonly begun: Timestamp; readonly at: Timestamp };
  /** Whether the message was posted. */
  readonly told?: boolean;
}

/** Where the message of a notice is, or will be. */
export interface NoticePlace {
  /** The key by which the message is found again. */
  readonly key: string;
  readonly cluster: string;
  readonly channel: string;
}

interface NoticeOfNodes extends NoticePlace {
  readonly pool: string;
  readonly nodes: readonly [string, ...string[]];
  /** The reason of the first node. */
  readonly reason: string;
  /** The deadline for posting: after it, another process may have taken the notice over. */
  readonly before: Instant;
}

/** Nodes of a pool whose need for a reboot is unknown. */
export interface UnknownSignalNotice extends NoticeOfNodes {
  readonly topic: 'doubt';
  /** Names of the unreadable signals; empty when the agents themselves are silent. */
  readonly signals: readonly string[];
  readonly lasted: Millis;
}

/** Nodes of a pool that another component may reboot too. */
export interface RebooterNotice extends NoticeOfNodes {
  readonly topic: 'rebooters';
  readonly rebooters: readonly string[];
}

export type Notice = UnknownSignalNotice | RebooterNotice;
