import type { Blocker, Halt } from '../../blockers/blockers.ts';
import type { PoolPolicy } from '../../../policy/policy.ts';
import type { In, Reboot } from '../../../state/reboot.ts';
import { haltOf } from '../../../state/stored-blockers.ts';
import {
  type Allowance,
  allowanceOf,
  doneIn,
  type Rollout,
  rolloutKey,
  rolloutOf,
} from '../../../rollout/rollout.ts';
import { inWords } from '../../../time/time.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/** After the canary, and after each batch, the rest of the pool waits for the bake time. */
export function rolloutWaits(
  reboot: In<'Approved'>,
  situation: Situation,
): Blocker<'rollout-waits'> | undefined {
  const rollout = cachedRollout(situation, reboot);
  if (rollout === undefined) return undefined;
  const started = rollout.ends.length + underWay(rollout, situation, reboot);
  const allowed = allowanceOf(rollout, situation.now);
  return started < allowed.nodes ? undefined : blockerOf(situation.pool, rollout, allowed);
}

function cachedRollout(situation: Situation, reboot: Reboot): Rollout | undefined {
  if (situation.pool.rollout === undefined) return undefined;
  const key = rolloutKey(reboot);
  const rollout = situation.rollouts?.get(key) ?? rolloutOf(reboot, situation);
  if (rollout) situation.rollouts?.set(key, rollout);
  return rollout;
}

/** Reboots of the rollout that hold a turn, including those that this plan has already chosen to start. */
const underWay = ({ unproven }: Rollout, { snapshot }: Situation, { name }: Reboot): number =>
  snapshot.ledger.turns.filter((turn) => turn.reboot !== name && unproven.has(turn.reboot)).length;

function blockerOf(pool: PoolPolicy, rollout: Rollout, allowed: Allowance): Blocker<'rollout-waits'> {
  const { nodes, bake } = rollout;
  const stage = allowed.stage === 0 ? 'its canary' : `batch ${allowed.stage} of its rollout`;
  const stand = `${doneIn(rollout)} of ${nodes.length} nodes of pool ${pool.name} are done`;
  return {
    code: 'rollout-waits',
    sentence:
      allowed.moreAt === undefined
        ? `The pool is at ${stage}, ${allowed.nodes} ${allowed.nodes === 1 ? 'node' : 'nodes'} in all: ${stand}.`
        : `The pool has done ${stage} and watches it for ${inWords(bake)}: ${stand}.`,
    clears:
      allowed.moreAt === undefined
        ? `It starts when those are done and have been well for ${inWords(bake)}.`
        : 'It starts when that time is over.',
    ...(allowed.moreAt === undefined ? {} : { until: allowed.moreAt }),
  };
}

/** The gate check of the first Reboot in the order applies to the other Reboots of the rollout. */
export function haltOfOthers(reboot: In<'Approved'>, { pool, halts }: Situation): Halt | undefined {
  if (pool.rollout === undefined || haltOf(reboot) !== undefined) return undefined;
  return halts?.get(rolloutKey(reboot));
}
