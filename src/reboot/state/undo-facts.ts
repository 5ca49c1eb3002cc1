import type { Timestamp } from '../ports/time.ts';

/** Why a drain was undone before its node was told to reboot. */
export type UndoReason =
  | 'timeout'
  /** It met pods that it may not move. */
  | 'refused'
  /** The API server, or a webhook, refused again and again. */
  | 'error'
  | 'window-closed'
  /** Budgets held it while others waited for its turn. */
  | 'stuck'
  /** It and another drain were held by the same budget. */
  | 'deadlock';

export interface Undo {
  readonly why: UndoReason;
  /** The cause in words: continues "its drain was undone:", without a full stop. */
  readonly cause: string;
  /** How often its drain has been undone, this time included. */
  readonly times: number;
  /** What held it, `namespace/name`. */
  readonly pods: readonly string[];
  readonly budgets: readonly string[];
  /** Why it is not tried again by itself; absent: it is. */
  readonly needsPerson?: 'tried-enough' | 'cannot-succeed' | 'forced';
}

export interface DrainRetry extends Undo {
  /** When the node had been put back. */
  readonly at: Timestamp;
  /** The earliest next try; absent: when a person says so. */
  readonly notBefore?: Timestamp;
}
