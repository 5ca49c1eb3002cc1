/**
 * Which Reboots a pool digest lists: when it is opened, who joins and leaves it, and when it is closed. Pure.
 */
import { byAge } from '../rollout/rollout.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { day, type Instant, toInstant, toTimestamp } from '../time/time.ts';
import { asks, entriesByName, everListed, hasStarted, isRecent, isSettled, togetherFor } from './asking.ts';
import { entriesAt, type DigestEntry, type PoolDigest, shownDigest } from './pool-digest.ts';
import { compacted, mostBytes, sizeOf, withinBound } from './digest-size.ts';

/** The inputs of the list. */
export interface PoolAsking {
  readonly pool: string;
  /** Of all pools: a node may have moved. */
  readonly reboots: readonly Reboot[];
  /** More than so many that ask at once open a digest. 0: none is opened. */
  readonly digestFrom: number;
  readonly now: Instant;
  /** What the digests of other pools take, in bytes. */
  readonly elsewhere: number;
  /** Makes the id of a digest. */
  readonly idOf: (pool: string, at: Instant) => string;
}

/** How long a closed digest is kept. */
const keptFor = day;

/** The digest as it should be; the same value where nothing changes; undefined where there is to be none. */
export function membership(stored: PoolDigest | undefined, asking: PoolAsking): PoolDigest | undefined {
  if (stored && stored.closedAt === undefined) return close(listed(stored, asking), asking);
  return opened(stored, asking) ?? (stored && isForgotten(stored, asking) ? undefined : stored);
}

/** Whether the next list will have this Reboot. Cheap: it is asked about each of thousands. */
export function isAwaited(stored: PoolDigest | undefined, reboot: Reboot, asking: PoolAsking): boolean {
  if (!asks(reboot)) return false;
  if (stored && stored.closedAt === undefined) return isJoining(stored, reboot, asking);
  const { pool, reboots, digestFrom, now } = asking;
  if (digestFrom === 0 || !isRecent(reboot, now)) return false;
  let together = 0;
  for (const each of reboots) {
    if (each.pool === pool && asks(each) && isRecent(each, now)) together += 1;
    if (together > digestFrom) return true;
  }
  return false;
}

function isJoining(digest: PoolDigest, reboot: Reboot, { pool, elsewhere }: PoolAsking): boolean {
  if (reboot.pool !== pool || !isRecent(reboot, toInstant(digest.openedAt))) return false;
  if (everListed(digest).has(reboot.name)) return false;
  return withinBound([entryOf(reboot, 1)], mostBytes - elsewhere - sizeOf(digest.entries)).length > 0;
}

const entryOf = ({ name, need }: Reboot, from: number): DigestEntry => ({
  reboot: name,
  digest: shownDigest(need.digest),
  from,
});

/**
 * A new digest. It takes over the Reboots that were denied in the closed one, each of which would get a card
 * otherwise.
 */
function opened(closed: PoolDigest | undefined, asking: PoolAsking): PoolDigest | undefined {
  const { pool, reboots, digestFrom, now } = asking;
  const together = reboots.filter((each) => each.pool === pool && asks(each) && isRecent(each, now));
  if (digestFrom === 0 || together.length <= digestFrom) return undefined;
  const before = closed && entriesByName(closed);
  const denied = reboots.filter((each) => isIn(each, 'Denied') && before?.has(each.name));
  const digest: PoolDigest = {
    id: asking.idOf(pool, now),
    pool,
    openedAt: toTimestamp(now),
    revision: 1,
    oldest: 1,
    entries: [],
    decisions: [],
    chat: {},
    shown: [],
  };
  const entries = [...together.toSorted(byAge), ...denied].map((each) => entryOf(each, 1));
  return { ...digest, entries: withinBound(entries, mostBytes - asking.elsewhere) };
}

/** The open digest with its list as it should be now. */
function listed(digest: PoolDigest, asking: PoolAsking): PoolDigest {
  const next = digest.revision + 1;
  const known = new Map(asking.reboots.map((reboot) => [reboot.name, reboot]));
  const replaced = changes(digest, known, asking);
  const joining = joiners(digest, asking).map((reboot) => entryOf(reboot, next));
  if (replaced.size === 0 && joining.length === 0) return digest;
  const kept = digest.entries.map((entry) => (replaced.has(entry) ? { ...entry, until: next } : entry));
  const renewed = [...replaced.values()].flatMap((reboot) => (reboot ? [entryOf(reboot, next)] : []));
  const changed = compacted({ ...digest, revision: next, entries: [...kept, ...renewed] });
  const added = withinBound(joining, mostBytes - asking.elsewhere - sizeOf(changed.entries));
  if (replaced.size === 0 && added.length === 0) return digest;
  return { ...changed, entries: [...changed.entries, ...added] };
}

/** Those that ask for the first time, since shortly before the digest was opened. */
function joiners(digest: PoolDigest, { pool, reboots }: PoolAsking): readonly Reboot[] {
  const since = toInstant(digest.openedAt);
  const eligible = reboots.filter((each) => each.pool === pool && isRecent(each, since) && asks(each));
  if (eligible.length === 0) return [];
  const ever = everListed(digest);
  return eligible.filter(({ name }) => !ever.has(name)).toSorted(byAge);
}

/**
 * The entries that end: with the Reboot that gets a new one, or undefined where it leaves the digest. A
 * Reboot whose packages change before a decision gets a new entry. One whose packages differ from those that
 * were decided on leaves the digest and asks on a card, since an edit of a message notifies nobody; unless
 * many do.
 */
function changes(
  digest: PoolDigest,
  known: ReadonlyMap<string, Reboot>,
  { pool, digestFrom, now }: PoolAsking,
): ReadonlyMap<DigestEntry, Reboot | undefined> {
  const changed = new Map<DigestEntry, Reboot | undefined>();
  const decided = decidedOn(digest);
  const alone: DigestEntry[] = [];
  for (const entry of entriesByName(digest).values()) {
    const reboot = known.get(entry.reboot);
    if (!reboot) continue;
    if (reboot.pool !== pool) changed.set(entry, undefined);
    else if (!asks(reboot)) continue;
    else if (isDecidedAnew(reboot, entry, decided)) alone.push(entry);
    else if (entry.digest !== shownDigest(reboot.need.digest)) changed.set(entry, reboot);
  }
  const many = alone.length + aloneSince(digest, known, now) > digestFrom;
  for (const entry of alone) {
    const reboot = known.get(entry.reboot);
    if (!many) changed.set(entry, undefined);
    else if (reboot && entry.digest !== shownDigest(reboot.need.digest)) changed.set(entry, reboot);
  }
  return changed;
}

/** By Reboot: the packages that the last approval for many was given on. */
function decidedOn(digest: PoolDigest): ReadonlyMap<string, string> {
  const decided = new Map<string, string>();
  for (const { revision, only, request } of digest.decisions) {
    if (request.kind !== 'approve') continue;
    const chosen = only && new Set(only);
    for (const entry of entriesAt(digest, revision))
      if (!chosen || chosen.has(entry.reboot)) decided.set(entry.reboot, entry.digest);
  }
  return decided;
}

function isDecidedAnew(reboot: Reboot, entry: DigestEntry, decided: ReadonlyMap<string, string>): boolean {
  const now = shownDigest(reboot.need.digest);
  const lapsed = isIn(reboot, 'Pending') && reboot.state.lapse !== undefined && entry.digest !== now;
  return lapsed || (decided.get(entry.reboot) ?? now) !== now;
}

/** How many have left a short time ago and still ask. */
function aloneSince(digest: PoolDigest, known: ReadonlyMap<string, Reboot>, now: Instant): number {
  const listed = entriesByName(digest);
  const left = new Set(digest.entries.flatMap(({ reboot }) => (listed.has(reboot) ? [] : [reboot])));
  return [...left].filter((name) => {
    const reboot = known.get(name);
    return reboot && asks(reboot) && toInstant(reboot.state.since) > now - togetherFor;
  }).length;
}

function close(digest: PoolDigest, { reboots, now }: PoolAsking): PoolDigest {
  const listed = entriesByName(digest);
  const isOver = reboots.every((reboot) => !listed.has(reboot.name) || isSettled(reboot));
  return isOver ? { ...digest, closedAt: toTimestamp(now) } : digest;
}

/** Kept while a Reboot that was denied in it is open: without its digest it would get a card of its own. */
function isForgotten(digest: PoolDigest, { reboots, now }: PoolAsking): boolean {
  if (now - toInstant(digest.closedAt ?? digest.openedAt) < keptFor) return false;
  const listed = entriesByName(digest);
  return !reboots.some((reboot) => isIn(reboot, 'Denied') && !hasStarted(reboot) && listed.has(reboot.name));
}
