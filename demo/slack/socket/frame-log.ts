import type { ChangeFeed } from '../change-feed.ts';
import type { JsonObject } from '../json.ts';

export interface FrameRecord {
  readonly at: number;
  readonly from: 'slack' | 'app';
  /** Number of the connection, from 1. */
  readonly connection: number;
  readonly body: JsonObject;
}

export interface FrameLog {
  add(frame: FrameRecord): void;
  all(): readonly FrameRecord[];
}

export function createFrameLog(changes: ChangeFeed): FrameLog {
  const frames: FrameRecord[] = [];
  return {
    add(frame) {
      frames.push(frame);
      changes.emit({ kind: 'frame' });
    },
    all: () => [...frames],
  };
}
