import type { Instant, Millis, Timestamp } from '../ports/time.ts';

/** What is noted of a node, each apart: what cannot be known about it, and what else reboots it. */
export type NoteTopic = 'doubt' | 'rebooters';

/**
 * Something about a node that people have to know. Kept in the cluster, so that neither a restart nor another
 * bot begins anew.
 */
export interface NodeNote {
  /**
   * The signals that cannot be read; none when the agent itself is silent. Or the names of the other
   * rebooters.
   */
  readonly about: readonly string[];
  readonly since: Timestamp;
  /** The message about it: its key, when it was begun first, and when last. */
  readonly notice?: { readonly key: string; readonly begun: Timestamp; readonly at: Timestamp };
  /** The message is in the channel. */
  readonly told?: boolean;
}

/** Where to look for the message of a notice. */
export interface NoticePlace {
  /** Of this message, to find it again. */
  readonly key: string;
  readonly cluster: string;
  readonly channel: string;
}

interface NoticeOfNodes extends NoticePlace {
  readonly pool: string;
  readonly nodes: readonly [string, ...string[]];
  /** Of the first of them. */
  readonly reason: string;
  /** Not posted later than this: another process may have taken the notice over. */
  readonly before: Instant;
}

/** Nodes of a pool about which something cannot be known. */
export interface UnknownSignalNotice extends NoticeOfNodes {
  readonly topic: 'doubt';
  /** The signals that cannot be read; none when the agents themselves are silent. */
  readonly signals: readonly string[];
  readonly lasted: Millis;
}

/** Nodes of a pool that something else reboots as well. */
export interface RebooterNotice extends NoticeOfNodes {
  readonly topic: 'rebooters';
  readonly rebooters: readonly string[];
}

export type Notice = UnknownSignalNotice | RebooterNotice;
