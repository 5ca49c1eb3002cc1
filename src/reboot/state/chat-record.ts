import type { Timestamp } from '../ports/time.ts';

/**
 * What chat has been told: references of our messages, and hashes of what they say. An empty reference means
 * that a post was begun and may have happened: it is not repeated.
 */
export interface ChatRecord {
  readonly card?: MessageRef & { readonly hash: string };
  /** The card before this one, which went out of sight: until it is edited to say where the question went. */
  readonly former?: MessageRef;
  /** A first post was begun and may have happened: look for it before posting again. */
  readonly posting?: { readonly channel: string; readonly at: Timestamp };
  /** The progress message of the thread. */
  readonly progress?: { readonly ts: string; readonly hash: string; readonly at: Timestamp };
  /** The digest of a rollout, in the Reboot that leads it: which rollout, and where the message is. */
  readonly digest?: MessageRef & { readonly target: string; readonly hash: string };
  /** Replies already in the thread, by key. */
  readonly replies: Readonly<Record<string, string>>;
}

export interface MessageRef {
  readonly channel: string;
  readonly ts: string;
}
