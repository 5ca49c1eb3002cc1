import { gone } from '../status-error.ts';
import { type JsonObject } from '../json.ts';

/**
 * One write. With `previous`, a watch with a selector can see objects leave, and a list can show an earlier
 * version.
 */
export interface Change {
  readonly revision: number;
  readonly resource: string;
  readonly key: string;
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly object: JsonObject;
  readonly previous?: JsonObject;
}

export interface History {
  record(change: Change): void;
  /** Changes after a revision, oldest first. Throws 410 if they have been dropped. */
  since(revision: number): readonly Change[];
  /** Drops all changes up to a revision. */
  forget(revision: number): void;
}

/** The changes that etcd keeps until a compaction, limited by number. */
export function createHistory(limit: number): History {
  let changes: Change[] = [];
  let floor = 0;
  const drop = (count: number): void => {
    floor = changes[count - 1]?.revision ?? floor;
    changes = changes.slice(count);
  };
  return {
    record(change) {
      changes.push(change);
      // Dropping in large steps keeps the cost of a write constant.
      if (changes.length > limit * 1.25) drop(changes.length - limit);
    },
    since(revision) {
      if (revision < floor) throw gone(`too old resource version: ${revision} (${floor})`);
      return changes.slice(firstAfter(changes, revision));
    },
    forget(revision) {
      drop(firstAfter(changes, revision));
      floor = Math.max(floor, revision);
    },
  };
}

function firstAfter(changes: readonly Change[], revision: number): number {
  let low = 0;
  let high = changes.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((changes[middle]?.revision ?? 0) > revision) high = middle;
    else low = middle + 1;
  }
  return low;
}
