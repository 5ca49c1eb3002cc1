/** A Reboot that waits follows its node into another pool. */
import { agentlessBecause } from '../nodes/agentless.ts';
import type { Rejection } from '../ports/decisions.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { poolOf } from '../policy/pools.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import { followsNode } from '../machine/moved.ts';
import { apply, applyTo, fieldsOf, poolFor } from '../reconcile/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

const isItsNode = (node: NodeView | undefined, reboot: Reboot): node is NodeView =>
  node !== undefined && node.uid === reboot.node.uid;

/** True when it is to be read anew. */
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
  deps.cluster.nodes().find(({ name }) => name === reboot.node.name);

/** Whether its node is known to belong to no pool: nobody may decide that it starts. */
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

/** No rule decides on a node that has left its pool. */
export function rulesFor(deps: ServiceDeps, reboot: Reboot): PoolPolicy {
  const pool = poolFor(deps, reboot);
  return pool.approval !== 'manual' && isPoolless(deps, reboot) ? { ...pool, approval: 'manual' } : pool;
}

const endings: ReadonlySet<string> = new Set(['cancel', 'deny', 'skip']);

/**
 * Before a person's decision: it is about the pool that the node belongs to. What was approved on a card of
 * another pool was not seen with its rules.
 */
export async function poolChanged(
  deps: ServiceDeps,
  name: string,
  kind: string,
): Promise<Rejection | undefined> {
  const stored = await deps.store.get(name);
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
