/**
 * The RFC 7396 merge patch from `before` to `after`. Lists are replaced as a whole; null removes a member.
 * Undefined where nothing differs.
 */
export function mergePatchOf(before: unknown, after: unknown): unknown {
  if (!isObject(before) || !isObject(after)) return isSame(before, after) ? undefined : after;
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  const changes = [...keys].flatMap((key): (readonly [string, unknown])[] => {
    const [was, is] = [before[key], after[key]];
    if (is === undefined) return was === undefined ? [] : [[key, null]];
    const change = mergePatchOf(was, is);
    return change === undefined ? [] : [[key, change]];
  });
  return changes.length === 0 ? undefined : Object.fromEntries(changes);
}

type Members = Readonly<Record<string, unknown>>;

const isObject = (value: unknown): value is Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** As JSON: the order of keys does not count, nor does a member that is undefined. */
export function isSame(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, nth) => isSame(item, b[nth]));
  if (!isObject(a) || !isObject(b)) return a === b;
  return [...new Set([...Object.keys(a), ...Object.keys(b)])].every((key) => isSame(a[key], b[key]));
}
