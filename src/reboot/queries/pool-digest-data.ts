/** What the message of a pool digest shows now. */
import { asks, everListed, isRecent } from '../pool-digest/asking.ts';
import { digestData } from '../pool-digest/message/digest-data.ts';
import type { PoolDigestData } from '../pool-digest/message/digest-facts.ts';
import type { PoolDigest } from '../pool-digest/pool-digest.ts';
import type { Reboot } from '../state/reboot.ts';
import { toInstant } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { poolFor } from '../loop/apply.ts';
import { planForWords } from '../start/plans.ts';
import { rolloutsOf } from './rollout-views.ts';

export async function poolDigestData(deps: ServiceDeps, digest: PoolDigest): Promise<PoolDigestData> {
  const pool = poolFor(deps, { pool: digest.pool });
  const reboots = deps.store.all();
  const ever = everListed(digest);
  const isLeft = (each: Reboot): boolean =>
    each.pool === digest.pool &&
    asks(each) &&
    isRecent(each, toInstant(digest.openedAt)) &&
    !ever.has(each.name);
  const { blocked } = await planForWords(deps);
  const [rollout] = pool.rollout ? (await rolloutsOf(deps, digest.pool)).slice(-1) : [];
  return digestData(digest, {
    cluster: deps.policy().cluster,
    pool,
    reboots,
    blocked,
    left: digest.closedAt === undefined ? reboots.filter(isLeft).length : 0,
    ...(rollout ? { rollout } : {}),
    now: deps.clock.now(),
  });
}
