/** How many at a time people have chosen for the reboots that they approved in a digest. Pure. */
import { holdsTurn } from '../ownership/ownership.ts';
import type { Policy, PoolPolicy } from '../policy/policy.ts';
import type { Principal } from '../state/decision.ts';
import type { Reboot } from '../state/reboot.ts';
import type { DigestDecision, PoolDigest } from './pool-digest.ts';

export interface ChosenPace {
  readonly atMost: number;
  readonly by: Principal;
}

const isChoice = ({ request }: DigestDecision): boolean =>
  request.kind === 'approve' && request.atMost !== undefined;

/**
 * The slowest of the choices that still count: a choice counts until the nodes that were approved with it are
 * done. Undefined where none does, and when the digest is closed.
 */
export function paceIn(
  { pool, decisions, closedAt }: PoolDigest,
  reboots: readonly Reboot[],
): ChosenPace | undefined {
  const choices = decisions.filter(isChoice);
  if (closedAt !== undefined || choices.length === 0) return undefined;
  const going = new Set(
    reboots.flatMap((reboot) =>
      reboot.pool === pool && holdsTurn(reboot) ? reboot.history.map(({ many }) => many) : [],
    ),
  );
  return choices
    .filter(({ id, result }) => result === undefined || going.has(id))
    .flatMap(({ request, by }) =>
      request.kind === 'approve' && request.atMost !== undefined ? [{ atMost: request.atMost, by }] : [],
    )
    .toSorted((one, other) => one.atMost - other.atMost)[0];
}

/** The inputs of the limits. */
export interface DigestLimits {
  readonly policy: Policy;
  readonly digests: readonly PoolDigest[];
  readonly reboots: () => readonly Reboot[];
}

/**
 * The policy with the concurrency that people have chosen, which is never more than that of the pool. The
 * same limits give the same value: a resync compares by identity.
 */
export function digestLimiter(): (world: DigestLimits) => Policy {
  let last: { readonly key: string; readonly of: Policy; readonly limited: Policy } | undefined;
  return ({ policy, digests, reboots }) => {
    if (!digests.some(({ decisions }) => decisions.some(isChoice))) return policy;
    const paces = new Map(digests.map((digest) => [digest.pool, paceIn(digest, reboots())?.atMost]));
    const key = JSON.stringify([...paces]);
    if (last?.key !== key || last.of !== policy)
      last = { key, of: policy, limited: withPaces(policy, paces) };
    return last.limited;
  };
}

function withPaces(policy: Policy, paces: ReadonlyMap<string, number | undefined>): Policy {
  const limited = (pool: PoolPolicy): PoolPolicy => {
    const atMost = paces.get(pool.name);
    return atMost === undefined || atMost >= pool.concurrency ? pool : { ...pool, concurrency: atMost };
  };
  const pools = policy.pools.map(limited);
  return pools.every((pool, index) => pool === policy.pools[index]) ? policy : { ...policy, pools };
}
