import type { Timestamp } from '../ports/time.ts';

/** Why a drain was undone before the order to reboot. */
export type UndoReason =
  | 'timeout'
  /** The drain found pods that it may not evict. */
  | 'refused'
  /** The API server, or a webhook, refused evictions until the retries were used up. */
  | 'error'
  | 'window-closed'
  /** Budgets blocked it while other reboots waited for its turn. */
  | 'stuck'
  /** The same budget blocked it and another drain. */
  | 'deadlock';

export interface Undo {
  readonly why: UndoReason;
  /** The cause in words. Continues "its drain was undone:", without a full stop. */
  readonly cause: string;
  /** How often the drain has been undone, including this time. */
  readonly times: number;
  /** The pods that blocked it, `namespace/name`. */
  readonly pods: readonly string[];
  readonly budgets: readonly string[];
  /** Why it is not retried without a person. Absent: it is. */
  readonly needsPerson?: 'tried-enough' | 'cannot-succeed' | 'forced';
}

export interface DrainRetry extends Undo {
  /** When the node was restored. */
  readonly at: Timestamp;
  /** Earliest time of the next try. Absent: a person decides. */
  readonly notBefore?: Timestamp;
}
