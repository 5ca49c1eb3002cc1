import type { Timestamp } from '../ports/time.ts';

/**
 * References to the messages of a Reboot, with hashes of their content. An empty reference means that a post
 * was started and may have succeeded. It is not repeated.
 */
export interface ChatRecord {
  readonly card?: MessageRef & { readonly hash: string };
  /** The previous card, which had scrolled out of sight. Kept until it is edited to link to the new card. */
  readonly former?: MessageRef;
  /** A first post was started and may have succeeded. Search the channel for it before posting again. */
  readonly posting?: { readonly channel: string; readonly at: Timestamp };
  /** The progress message in the thread. `ts` is the Slack timestamp of the message. */
  readonly progress?: { readonly ts: string; readonly hash: string; readonly at: Timestamp };
  /**
   * The digest message of a rollout, stored in the Reboot that leads the rollout. `target` names the rollout.
   */
  readonly digest?: MessageRef & { readonly target: string; readonly hash: string };
  /** Slack timestamps of the replies already posted in the thread, by key. */
  readonly replies: Readonly<Record<string, string>>;
}

export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}
