import type { Instant, Millis, Timestamp } from './time.ts';

/** What cannot be known about a node. Kept in the cluster, so that neither a restart nor another bot begins anew. */
export interface Doubt {
  /** The signals that cannot be read; none when the agent itself is silent. */
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

/** Nodes of a pool about which something cannot be known. */
export interface Notice extends NoticePlace {
  readonly pool: string;
  readonly nodes: readonly [string, ...string[]];
  /** The signals that cannot be read; none when the agents themselves are silent. */
  readonly signals: readonly string[];
  readonly reason: string;
  readonly lasted: Millis;
  /** Not posted later than this: another process may have taken the notice over. */
  readonly before: Instant;
}
