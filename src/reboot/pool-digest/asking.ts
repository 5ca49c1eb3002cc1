/** Which Reboots ask for a decision, and which of them ask in the digest of their pool. */
import { isOpen, isUnderWay } from '../ownership/ownership.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Instant, minute, toInstant } from '../time/time.ts';
import { currentEntries, type DigestEntry, type PoolDigest } from './pool-digest.ts';

/** Whether its node was ever disturbed by it. Such a Reboot has a card and a thread of its own. */
export const hasStarted = (reboot: Reboot): boolean =>
  isUnderWay(reboot) ||
  isIn(reboot, 'Undoing', 'Succeeded', 'GivenUp') ||
  reboot.history.some(({ what, phase }) => what === 'entered' && phase === 'Draining');

/** Waits for a decision, and has never started. */
export const asks = (reboot: Reboot): boolean => isIn(reboot, 'Pending', 'Snoozed') && !hasStarted(reboot);

/** It has ended, or was denied: no step is due, and no decision is pending. */
export const isSettled = (reboot: Reboot): boolean => !isOpen(reboot) || isIn(reboot, 'Denied');

/** Nodes of a pool that ask within this time ask together. */
export const togetherFor = 10 * minute;

/** Whether it is recent enough to be asked about together with others, at this time. */
export const isRecent = ({ createdAt }: Pick<Reboot, 'createdAt'>, at: Instant): boolean =>
  toInstant(createdAt) > at - togetherFor;

const indexes = new WeakMap<PoolDigest, ReadonlyMap<string, DigestEntry>>();

/** The current entries by name of their Reboot. A digest is an immutable value, so its index is made once. */
export function entriesByName(digest: PoolDigest): ReadonlyMap<string, DigestEntry> {
  const known = indexes.get(digest);
  if (known) return known;
  const index = new Map(currentEntries(digest).map((entry) => [entry.reboot, entry]));
  indexes.set(digest, index);
  return index;
}

const names = new WeakMap<PoolDigest, ReadonlySet<string>>();

/** The names of all Reboots that it has ever listed. */
export function everListed(digest: PoolDigest): ReadonlySet<string> {
  const known = names.get(digest);
  if (known) return known;
  const ever = new Set(digest.entries.map(({ reboot }) => reboot));
  names.set(digest, ever);
  return ever;
}

/** The digest that lists it, whatever its phase. */
export const digestOf = (digests: readonly PoolDigest[], { name, pool }: Reboot): PoolDigest | undefined =>
  digests.find((digest) => digest.pool === pool && entriesByName(digest).has(name));

/**
 * The digest in which it is decided, instead of on a card of its own. After the digest is closed that still
 * holds for those that were denied or cancelled in it.
 */
export function decidedIn(digests: readonly PoolDigest[], reboot: Reboot): PoolDigest | undefined {
  const digest = hasStarted(reboot) ? undefined : digestOf(digests, reboot);
  return digest && (digest.closedAt === undefined || isSettled(reboot)) ? digest : undefined;
}
