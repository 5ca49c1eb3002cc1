/** Labels and annotations that are set temporarily. Previous values are recorded and restored. Pure. */
import { excludeFromLoadBalancersLabel } from './node-contract.ts';

export type Labels = Readonly<Record<string, string>>;
export type Put = Readonly<Record<string, PutValue>>;

/** A label or annotation that Tugboot has set. `was` is the previous value; absent: the key did not exist. */
export interface PutValue {
  readonly put: string;
  readonly was?: string;
}

/**
 * Limit of a previous value that is recorded on the Node, counted in its JSON form. A label or annotation
 * with a longer value is not replaced.
 */
const maxRecordedLength = 1024;

const canBeRecorded = (value: string): boolean => JSON.stringify(value).length <= maxRecordedLength;

/** Shortens a value to what is needed to decide whether it can be recorded. */
export const truncateForRecord = (value: string): string => value.slice(0, maxRecordedLength);

interface Replaced {
  readonly now: Labels;
  readonly put: Put;
  /** `now` has not changed. */
  readonly same: boolean;
}

export function replaced(
  before: { readonly now: Labels | undefined; readonly put: Put | undefined },
  wanted: Labels,
  lasting: Labels,
): Replaced {
  const then = new Map(Object.entries(before.now ?? {}));
  const now = new Map(then);
  const put = new Map(Object.entries(before.put ?? {}));
  restoreValues(now, put, wanted);
  applyValues(now, put, wanted);
  for (const [key, value] of Object.entries(lasting)) now.set(key, value);
  return { now: Object.fromEntries(now), put: Object.fromEntries(put), same: saySame(then, now) };
}

/** A value that somebody else has written over ours is theirs, and stays. */
function restoreValues(values: Map<string, string>, put: Map<string, PutValue>, wanted: Labels): void {
  for (const [key, { put: ours, was }] of Array.from(put)) {
    if (Object.hasOwn(wanted, key)) continue;
    put.delete(key);
    if (values.get(key) !== ours) continue;
    if (was === undefined) values.delete(key);
    else values.set(key, was);
  }
}

function applyValues(values: Map<string, string>, put: Map<string, PutValue>, wanted: Labels): void {
  for (const [key, value] of Object.entries(wanted)) {
    const before = put.get(key);
    const now = values.get(key);
    if (before !== undefined) {
      if (before.put === value) continue;
      // The configuration has changed since.
      put.set(key, { ...before, put: value });
      if (now === before.put) values.set(key, value);
      continue;
    }
    // Already there, and not set by us. For the load-balancer key any value counts.
    if (now === value || (now !== undefined && key === excludeFromLoadBalancersLabel)) continue;
    if (now !== undefined && !canBeRecorded(now)) continue;
    values.set(key, value);
    put.set(key, { put: value, ...(now === undefined ? {} : { was: now }) });
  }
}

export const saySame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
