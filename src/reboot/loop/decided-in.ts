/** Where a Reboot is decided: on its card, or in the digest of its pool. */
import { asks, decidedIn, digestOf, entriesByName } from '../pool-digest/asking.ts';
import { isAwaited, membership, type PoolAsking } from '../pool-digest/membership.ts';
import { sizeOf } from '../pool-digest/digest-size.ts';
import { sampleOf } from '../pool-digest/message/digest-data.ts';
import { entryShownAt, type PoolDigest } from '../pool-digest/pool-digest.ts';
import { poolNamed } from '../policy/pools.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Instant, minute } from '../time/time.ts';
import type { ServiceDeps } from './deps.ts';

type Deps = Pick<ServiceDeps, 'digests' | 'store' | 'policy' | 'clock' | 'hash' | 'digestsRefusedAt'>;

/** The digest that lists it, whatever its phase. */
export const digestWith = ({ digests }: Pick<Deps, 'digests'>, reboot: Reboot): PoolDigest | undefined =>
  digestOf(digests.all(), reboot);

/** The digest in which it is decided. */
export const digestFor = ({ digests }: Pick<Deps, 'digests'>, reboot: Reboot): PoolDigest | undefined =>
  decidedIn(digests.all(), reboot);

/** When the message of the digest first showed it, where it is decided there. */
export function askedInDigestAt(deps: Pick<Deps, 'digests'>, reboot: Reboot): Instant | undefined {
  const digest = digestFor(deps, reboot);
  const entry = digest && entriesByName(digest).get(reboot.name);
  return digest && entry && entryShownAt(digest, entry);
}

/** The inputs of a pool's list. */
const askingIn = (deps: Deps, pool: string): PoolAsking => ({
  pool,
  reboots: deps.store.all(),
  digestFrom: poolNamed(deps.policy(), pool)?.digestFrom ?? 0,
  now: deps.clock.now(),
  elsewhere: deps.digests
    .all()
    .filter((other) => other.pool !== pool)
    .reduce((sum, { entries }) => sum + sizeOf(entries), 0),
  idOf: (name, at) => deps.hash(`${name} ${at}`).slice(0, 12),
});

/** How the digest of a pool should be now. */
export const digestNow =
  (deps: Deps, pool: string) =>
  (stored: PoolDigest | undefined): PoolDigest | undefined =>
    membership(stored, askingIn(deps, pool));

/**
 * For this time after the API server has refused to store a digest, every node asks on a card of its own
 * (milliseconds).
 */
const aloneFor = 5 * minute;

/** Whether its pool is about to list it: then it gets no card of its own. */
export function awaitsDigest(deps: Deps, reboot: Reboot): boolean {
  if (!asks(reboot) || reboot.chat.card !== undefined || reboot.chat.posting !== undefined) return false;
  if (deps.clock.now() - (deps.digestsRefusedAt.get(reboot.pool) ?? Number.NEGATIVE_INFINITY) < aloneFor)
    return false;
  const stored = deps.digests.all().find(({ pool }) => pool === reboot.pool);
  return isAwaited(stored, reboot, askingIn(deps, reboot.pool));
}

/**
 * Whether its impact is assessed while it waits for a decision: in a digest only that of a sample is, since
 * nobody looks at thousands.
 */
export function isInSample(deps: Deps, reboot: Reboot): boolean {
  const digest = digestFor(deps, reboot);
  if (!digest) return !awaitsDigest(deps, reboot);
  return (
    isIn(reboot, 'Pending', 'Snoozed') && sampleOf(digest, (name) => deps.store.cached(name)).has(reboot.name)
  );
}
