/** Labels and annotations that we put for a while: what stood there before is noted, and comes back. Pure. */
import { excludeFromLoadBalancersLabel } from './node-contract.ts';

export type Labels = Readonly<Record<string, string>>;
export type Put = Readonly<Record<string, PutValue>>;

/** A label or annotation that we put, and what stood there before; nothing: it was not there. */
export interface PutValue {
  readonly put: string;
  readonly was?: string;
}

/**
 * Noted on the Node before it is replaced: what is longer is left as it is. Escaped, since that is how it is
 * noted.
 */
const longestReplaced = 1024;

const canBeNoted = (value: string): boolean => JSON.stringify(value).length <= longestReplaced;

/** Of a value that may be of any length, as much as tells whether it can be noted. */
export const notable = (value: string): string => value.slice(0, longestReplaced);

interface Replaced {
  readonly now: Labels;
  readonly put: Put;
  /** `now` is as it was. */
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
  takeBack(now, put, wanted);
  putOn(now, put, wanted);
  for (const [key, value] of Object.entries(lasting)) now.set(key, value);
  return { now: Object.fromEntries(now), put: Object.fromEntries(put), same: saySame(then, now) };
}

/** What somebody else has written over ours is theirs. */
function takeBack(values: Map<string, string>, put: Map<string, PutValue>, wanted: Labels): void {
  for (const [key, { put: ours, was }] of Array.from(put)) {
    if (Object.hasOwn(wanted, key)) continue;
    put.delete(key);
    if (values.get(key) !== ours) continue;
    if (was === undefined) values.delete(key);
    else values.set(key, was);
  }
}

function putOn(values: Map<string, string>, put: Map<string, PutValue>, wanted: Labels): void {
  for (const [key, value] of Object.entries(wanted)) {
    const before = put.get(key);
    const now = values.get(key);
    if (before !== undefined) {
      if (before.put === value) continue;
      // The configuration says something else by now.
      put.set(key, { ...before, put: value });
      if (now === before.put) values.set(key, value);
      continue;
    }
    // It is there already, and not by us. Load balancers look at the key alone.
    if (now === value || (now !== undefined && key === excludeFromLoadBalancersLabel)) continue;
    if (now !== undefined && !canBeNoted(now)) continue;
    values.set(key, value);
    put.set(key, { put: value, ...(now === undefined ? {} : { was: now }) });
  }
}

export const saySame = (one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean =>
  one.size === other.size && [...one].every(([key, value]) => other.get(key) === value);
