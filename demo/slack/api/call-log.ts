import type { ChangeFeed } from '../change-feed.ts';
import type { Json } from '../json.ts';

/** One call of the app with its arguments and its result. Tokens are omitted. */
export interface CallRecord {
  readonly method: string;
  readonly args: Readonly<Record<string, Json>>;
  /** Zero if no response was sent: the call hangs, or its connection was reset. */
  readonly status: number;
  readonly error?: string;
  readonly at: number;
  readonly userAgent: string;
}

export interface CallLog {
  add(record: CallRecord): void;
  all(): readonly CallRecord[];
}

export function createCallLog(changes: ChangeFeed): CallLog {
  const records: CallRecord[] = [];
  return {
    add(record) {
      records.push(record);
      changes.emit({ kind: 'call' });
    },
    all: () => [...records],
  };
}
