/** Limits what is stored of a digest to what fits into the ConfigMap of all digests. */
import type { DigestEntry, PoolDigest } from './pool-digest.ts';

/**
 * In bytes, of all pools together: the API server takes objects of 1 MiB. 5,000 nodes with names of 60
 * characters have 675 kB.
 */
export const mostBytes = 900_000;

/** Bytes of an entry beside its name, at the most: numbers, punctuation, a digest and a place in `only`. */
const entryBytes = 64;

const sizes = new WeakMap<readonly DigestEntry[], number>();

/** A list is an immutable value, so its size is counted once. */
export function sizeOf(entries: readonly DigestEntry[]): number {
  const known = sizes.get(entries);
  if (known !== undefined) return known;
  const size = entries.reduce((sum, { reboot }) => sum + reboot.length + entryBytes, 0);
  sizes.set(entries, size);
  return size;
}

/** As many of the new entries as fit. The Reboots of the others ask on cards of their own. */
export function withinBound(added: readonly DigestEntry[], room: number): readonly DigestEntry[] {
  let left = room;
  const taken: DigestEntry[] = [];
  for (const entry of added) {
    left -= sizeOf([entry]);
    if (left < 0) break;
    taken.push(entry);
  }
  return taken;
}

/** From here on, entries that have ended are dropped. */
const compactFrom = mostBytes / 2;

/** Keeps the entries that have ended while there is room: an old button decides on them. */
export function compacted(digest: PoolDigest): PoolDigest {
  if (sizeOf(digest.entries) < compactFrom) return digest;
  const pending = digest.decisions.flatMap(({ result, revision }) => (result ? [] : [revision]));
  const oldest = Math.min(digest.revision, ...pending);
  if (oldest <= digest.oldest) return digest;
  const listed = new Set(
    digest.entries.flatMap(({ reboot, until }) => (until === undefined ? [reboot] : [])),
  );
  const entries = digest.entries.filter(
    ({ until, reboot }) => until === undefined || until > oldest || !listed.has(reboot),
  );
  return { ...digest, oldest, entries };
}
