/** Keeps the digest of one pool: its list, and its message. Level-triggered, as a reconcile. */
import { asks, entriesByName } from '../pool-digest/asking.ts';
import { sampleOf } from '../pool-digest/message/digest-data.ts';
import type { DigestChat, DigestEntry, PoolDigest } from '../pool-digest/pool-digest.ts';
import { poolNamed } from '../policy/pools.ts';
import { stepOf } from '../machine/step.ts';
import { type JobResult, nothingDone } from '../ports/job-report.ts';
import { PortError } from '../ports/port-error.ts';
import { type Millis, second, toTimestamp } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { poolDigestData } from '../queries/pool-digest-data.ts';
import { digestNow } from '../loop/decided-in.ts';

/** The message is edited at most once in this time (milliseconds). */
const minInterval: Millis = 1 * second;

/**
 * A list of so many is made and stored at most once in `manyInterval`: what joins meanwhile comes with the
 * next.
 */
const many = 100;
const manyInterval: Millis = second / 4;

export async function updateDigest(deps: ServiceDeps, pool: string): Promise<JobResult> {
  const before = deps.digests.all().find((digest) => digest.pool === pool);
  const now = deps.clock.now();
  const next = (deps.digestListed.get(pool) ?? Number.NEGATIVE_INFINITY) + manyInterval;
  if (before && before.entries.length >= many && now < next) {
    await deps.queue.updateDigest(pool, next);
    return nothingDone;
  }
  deps.digestListed.set(pool, now);
  const digest = await storeList(deps, pool);
  if (digest === 'refused') return nothingDone;
  if (digest !== before) await renderChanged(deps, before, digest);
  if (!digest) return nothingDone;
  if (digest.decisions.some(({ result }) => result === undefined)) await deps.queue.spread(pool);
  return showDigest(deps, digest);
}

/** Where it cannot be stored, the nodes ask on cards of their own. */
async function storeList(deps: ServiceDeps, pool: string): Promise<PoolDigest | undefined | 'refused'> {
  try {
    const stored = await deps.digests.update(pool, digestNow(deps, pool));
    if (stored !== 'too-large') {
      deps.digestsRefusedAt.delete(pool);
      return stored;
    }
    deps.logger.error('digest of a pool is too large to be stored', { pool });
  } catch (error) {
    if (!(error instanceof PortError) || error.retryable) throw error;
    deps.logger.error('digest of a pool cannot be stored; its nodes ask one by one', { pool, err: error });
  }
  deps.digestsRefusedAt.set(pool, deps.clock.now());
  const listed = deps.digests.all().find((digest) => digest.pool === pool);
  for (const reboot of deps.store.all())
    if (reboot.pool === pool && asks(reboot) && !(listed && entriesByName(listed).has(reboot.name)))
      await deps.queue.render(reboot.name);
  return 'refused';
}

/** The cards of those that were added lose their buttons, and those that left get cards of their own. */
async function renderChanged(
  deps: ServiceDeps,
  before: PoolDigest | undefined,
  after: PoolDigest | undefined,
): Promise<void> {
  const old = before ? entriesByName(before) : new Map<string, DigestEntry>();
  const now = after ? entriesByName(after) : new Map<string, DigestEntry>();
  if (after && before?.id !== after.id)
    deps.logger.info('pool asks in a digest', { pool: after.pool, digest: after.id, nodes: now.size });
  for (const reboot of deps.store.all()) {
    const isListed = now.has(reboot.name);
    if (isListed === old.has(reboot.name)) continue;
    if (isListed ? reboot.chat.card !== undefined : asks(reboot)) await deps.queue.render(reboot.name);
  }
  if (after) await assessSample(deps, after);
}

/** Wakes the Reboots whose dry-run belongs to the sum in the message and is missing. */
async function assessSample(deps: ServiceDeps, digest: PoolDigest): Promise<void> {
  for (const name of sampleOf(digest, (name) => deps.store.cached(name))) {
    const reboot = deps.store.cached(name);
    if (reboot && reboot.impact === undefined)
      await deps.queue.reconcile(name, deps.clock.now(), stepOf(reboot));
  }
}

async function showDigest(deps: ServiceDeps, digest: PoolDigest): Promise<JobResult> {
  const { message, posting } = digest.chat;
  // The digest was closed before its message was posted.
  if (digest.closedAt !== undefined && message === undefined && posting === undefined) return nothingDone;
  const now = deps.clock.now();
  const last = deps.digestRendered.get(digest.pool);
  if (last !== undefined && last.id === digest.id && now - last.at < minInterval) {
    await deps.queue.updateDigest(digest.pool, last.at + minInterval);
    return nothingDone;
  }
  const data = await poolDigestData(deps, digest);
  const { now: _now, chat: _chat, ...shown } = data;
  const fingerprint = deps.hash(JSON.stringify([shown, digest.chat.message?.ts]));
  if (last?.fingerprint === fingerprint && last.id === digest.id) return nothingDone;
  deps.digestRendered.set(digest.pool, { id: digest.id, at: now });
  await deps.chat.showDigest(data, saveChat(deps, digest));
  deps.digestRendered.set(digest.pool, { id: digest.id, at: now, fingerprint });
  return { kind: 'done', did: `digest rendered: ${data.counts.total} nodes` };
}

/**
 * Stores the record of the message. The intent to post is a compare-and-swap on what was known of the
 * message: another process that has begun to post, or has posted, wins.
 */
function saveChat(deps: ServiceDeps, { id, pool, chat: first }: PoolDigest) {
  let known = first;
  return async (record: DigestChat): Promise<void> => {
    const isIntent = record.posting !== undefined && known.posting?.at !== record.posting.at;
    let isLost = false;
    let shownBefore = 0;
    await deps.digests.update(pool, (stored) => {
      if (stored?.id !== id) return stored;
      isLost = isIntent && !isSameMessage(stored.chat, known);
      if (isLost) return stored;
      const isNew = stored.chat.message?.ts !== record.message?.ts;
      shownBefore = isNew ? 0 : (stored.shown.at(-1)?.revision ?? 0);
      return withShown({ ...stored, chat: record }, deps.clock.now());
    });
    if (isLost) throw new PortError('conflict', 'Another process posts the digest.', { retryable: true });
    known = record;
    if (record.message !== undefined) await entriesAppeared(deps, pool, shownBefore);
  };
}

const isSameMessage = (one: DigestChat, other: DigestChat): boolean =>
  one.message?.ts === other.message?.ts && one.posting?.at === other.posting?.at;

/** The notice period of the rule begins when the message first shows a revision. */
function withShown(digest: PoolDigest, now: number): PoolDigest {
  const revision = digest.chat.message?.revision ?? 0;
  const last = digest.shown.at(-1)?.revision ?? 0;
  if (revision <= last) return digest;
  return { ...digest, shown: [...digest.shown, { revision, at: toTimestamp(now) }].slice(-mostShown) };
}

/** Maximum number of revisions for which the time of their first display is kept. */
const mostShown = 500;

/** The cards of the entries that the message shows now link to it, and the rule may have waited for it. */
async function entriesAppeared(deps: ServiceDeps, pool: string, shownBefore: number): Promise<void> {
  const digest = deps.digests.all().find((each) => each.pool === pool);
  if (!digest) return;
  const isRuled = poolNamed(deps.policy(), pool)?.approval !== 'manual';
  const listed = entriesByName(digest);
  for (const reboot of deps.store.all()) {
    if ((listed.get(reboot.name)?.from ?? 0) <= shownBefore || !asks(reboot)) continue;
    if (reboot.chat.card !== undefined) await deps.queue.render(reboot.name);
    if (isRuled) await deps.queue.reconcile(reboot.name, deps.clock.now(), stepOf(reboot));
  }
}
