/** How many at a time a person has chosen for the reboots of a digest. Pure. */
import type { Policy, PoolPolicy } from '../policy/policy.ts';
import type { PoolDigest } from './pool-digest.ts';

/**
 * The smallest number of those approvals; undefined where nobody has chosen one, and when the digest is
 * closed.
 */
function chosenIn({ decisions, closedAt }: PoolDigest): number | undefined {
  if (closedAt !== undefined) return undefined;
  const chosen = decisions.flatMap(({ request }) =>
    request.kind === 'approve' && request.atMost !== undefined ? [request.atMost] : [],
  );
  return chosen.length === 0 ? undefined : Math.min(...chosen);
}

function limited(pool: PoolPolicy, digests: readonly PoolDigest[]): PoolPolicy {
  const digest = digests.find((each) => each.pool === pool.name);
  const chosen = digest && chosenIn(digest);
  return chosen === undefined ? pool : { ...pool, concurrency: Math.min(pool.concurrency, chosen) };
}

/** The policy with the concurrency that people have chosen. It is never more than that of the pool. */
export function withDigestLimits(policy: Policy, digests: readonly PoolDigest[]): Policy {
  const pools = policy.pools.map((pool) => limited(pool, digests));
  return pools.every((pool, index) => pool === policy.pools[index]) ? policy : { ...policy, pools };
}
