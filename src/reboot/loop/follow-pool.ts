/** Moves a waiting Reboot with its node to another pool. */
import { agentlessBecause } from '../policy/agentless.ts';
import type { Rejection } from '../approval/decision-request.ts';
import { askedInDigestAt, digestFor } from './decided-in.ts';
import type { ReminderRules } from '../deadlines/reminders.ts';
import { poolOf } from '../policy/pools.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import { followsNode } from '../machine/decisions/moved.ts';
import { apply, applyTo, fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from './deps.ts';

const isItsNode = (node: NodeView | undefined, reboot: Reboot): node is NodeView =>
  node !== undefined && node.uid === reboot.node.uid;

/** True when the Reboot has to be read again. */
export async function followPool(
  deps: ServiceDeps,
  reboot: Reboot,
  node: NodeView | undefined,
): Promise<boolean> {
  if (!isItsNode(node, reboot) || !followsNode(reboot)) return false;
  const pool = poolOf(deps.policy(), node);
  if (pool === undefined || pool.name === reboot.pool) return false;
  const applied = await applyTo(deps, reboot, { type: 'moved', pool: pool.name });
  if (applied !== 'conflict' && applied.outcome === 'saved')
    deps.logger.info('reboot follows its node into another pool', {
      ...fieldsOf(applied.reboot),
      from_pool: reboot.pool,
    });
  return true;
}

const nodeOf = (deps: ServiceDeps, reboot: Reboot): NodeView | undefined =>
  deps.cluster.cachedNode(reboot.node.name);

/** Whether its node is known to be in no pool: then it cannot be approved. */
export function isPoolless(deps: ServiceDeps, reboot: Reboot): boolean {
  const node = nodeOf(deps, reboot);
  return isItsNode(node, reboot) && followsNode(reboot) && poolOf(deps.policy(), node) === undefined;
}

function noPoolBecause(deps: ServiceDeps, reboot: Reboot): string {
  const node = nodeOf(deps, reboot);
  const agentless = node === undefined ? undefined : agentlessBecause(node);
  return agentless === undefined
    ? 'belongs to no pool any more, so Tugboot does not reboot it. Give it its labels back'
    : `${agentless}. No agent can run there, so Tugboot does not reboot it. Let the agent run there`;
}

function digestRules(deps: ServiceDeps, reboot: Reboot): Pick<ReminderRules, 'asksInDigest'> {
  const isReminded = poolFor(deps, reboot).remind !== undefined;
  return isReminded && digestFor(deps, reboot) !== undefined ? { asksInDigest: true } : {};
}

/** The policy for a Reboot, without automatic approval where its node has left its pool. */
export function rulesFor(deps: ServiceDeps, reboot: Reboot): ReminderRules {
  const pool = { ...poolFor(deps, reboot), ...digestRules(deps, reboot) };
  if (pool.approval === 'manual') return pool;
  if (isPoolless(deps, reboot)) return { ...pool, approval: 'manual' };
  const askedAt = askedInDigestAt(deps, reboot);
  return askedAt === undefined ? pool : { ...pool, askedAt };
}

const endings: ReadonlySet<string> = new Set(['cancel', 'deny', 'skip']);

/**
 * Moves the Reboot before a person's decision, which is about the node's current pool. Rejects an approval
 * that was given on a card of the earlier pool, whose rules the person saw.
 */
export async function poolChanged(
  deps: ServiceDeps,
  name: string,
  kind: string,
): Promise<Rejection | undefined> {
  // The compare-and-swap of the decision, or of the move, confirms it.
  const stored = await deps.store.latest(name);
  if (!stored) return undefined;
  const { node } = stored;
  if (isPoolless(deps, stored) && !endings.has(kind))
    return {
      code: 'pool-changed',
      sentence: `${node.name} ${noPoolBecause(deps, stored)}, or end this reboot.`,
    };
  const view = nodeOf(deps, stored);
  const pool = isItsNode(view, stored) ? poolOf(deps.policy(), view) : undefined;
  if (pool === undefined || pool.name === stored.pool || !followsNode(stored)) return undefined;
  await apply(deps, name, { type: 'moved', pool: pool.name });
  if (kind !== 'approve') return undefined;
  return {
    code: 'pool-changed',
    sentence: `${node.name} moved from pool ${stored.pool} to pool ${pool.name} since you looked. Nothing was approved. The card shows who decides there.`,
  };
}
