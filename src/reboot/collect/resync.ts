/**
 * The periodic resync: wakes everything that may need a step, and collects garbage. Watch events make Tugboot
 * fast; the resync covers those that were lost.
 */
import { agentlessBecause } from '../policy/agentless.ts';
import { isOpen } from '../ownership/ownership.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { poolFinder } from '../policy/pools.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { stepOf } from '../machine/step.ts';
import type { Reboot } from '../state/reboot.ts';
import { mayStillRun, rolloutKey, sameRollout } from '../rollout/rollout.ts';
import { reportOf } from '../signals/signals.ts';
import { toInstant } from '../time/time.ts';
import { recreateUnwritten } from './deleted-reboot.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { forgetGone } from '../render/shown.ts';
import { postNotices } from './post-notices.ts';
import { mirrorOf } from './reconcile-node.ts';
import { currentReadings } from '../detect/new-reboot.ts';
import { collectGarbage } from './collect-garbage.ts';
import { postRefusedConfig } from './post-refused-config.ts';

/** Rebuilds all work from the cluster: at start, after the queue lost its jobs, and periodically. */
export async function resync(deps: ServiceDeps): Promise<void> {
  const now = deps.clock.now();
  const find = poolFinder(deps.policy());
  for (const node of deps.cluster.nodes()) {
    if (needsReconcile(deps, node, find(node))) await deps.queue.reconcileNode(node.name);
  }
  for (const reboot of deps.store.all()) {
    if (isOpen(reboot)) await deps.queue.reconcile(reboot.name, now, stepOf(reboot));
  }
  for (const { name } of deps.store.unreadable()) await deps.queue.reconcile(name);
  await recreateUnwritten(deps);
  try {
    await collectGarbage(deps);
  } finally {
    // A failing garbage collection, which may last, must not suppress the notices.
    await prune(deps);
    forgetGone(deps);
    await notifyOrLog(deps, 'nodes that cannot be read', postNotices);
    await notifyOrLog(deps, 'a refused configuration', postRefusedConfig);
  }
}

async function notifyOrLog(
  deps: ServiceDeps,
  what: string,
  notify: (deps: ServiceDeps) => Promise<void>,
): Promise<void> {
  try {
    await notify(deps);
  } catch (error) {
    // A later resync continues from what is stored.
    deps.logger.warn(`${what} could not be told of yet`, { err: error });
  }
}

/**
 * Whether the resync reconciles the node. Quiet nodes are reconciled by watch events only: at 5,000 nodes a
 * resync must not add 5,000 jobs.
 */
function needsReconcile(deps: ServiceDeps, node: NodeView, pool: PoolPolicy | undefined): boolean {
  if (agentlessBecause(node) !== undefined) return false;
  const agent = deps.cluster.agent(node.name);
  // A report on another boot is no reason to reconcile.
  if (!agent || !reportOf(node, agent)) return agent === undefined;
  if (node.requested !== undefined) return true;
  const mirrored = mirrorOf(currentReadings(deps, node, agent, pool));
  return mirrored === 'True' || mirrored !== node.rebootRequired;
}

/** Prunes ended Reboots by number and age; open ones are never pruned. */
async function prune(deps: ServiceDeps): Promise<void> {
  const { keep, maxAge } = deps.policy().history;
  const now = deps.clock.now();
  const rolling = inRollouts(deps);
  const ended = deps.store
    .all()
    .filter((reboot) => !isOpen(reboot) && !rolling.has(reboot.name) && !isNeeded(deps, reboot))
    .sort((a, b) => toInstant(b.state.since) - toInstant(a.state.since));
  for (const [index, reboot] of ended.entries()) {
    if (index < keep && now - toInstant(reboot.state.since) < maxAge) continue;
    await deps.store.remove(reboot.name, reboot.version);
  }
}

/**
 * Names of Reboots of unfinished rollouts. A rollout counts its nodes and its bake time from their records:
 * without them it would skip a stage.
 */
function inRollouts(deps: ServiceDeps): ReadonlySet<string> {
  const staged = new Set(deps.policy().pools.flatMap(({ name, rollout }) => (rollout ? [name] : [])));
  const all = deps.store.all().filter(({ pool }) => staged.has(pool));
  const running = [...Map.groupBy(all, rolloutKey).values()].flatMap((same) => {
    const one = same.find(mayStillRun);
    return one ? sameRollout(same, one) : [];
  });
  return new Set(running.map(({ name }) => name));
}

/**
 * Keeps the Reboot of a running boot: its decision still applies, and without it the card would be posted
 * again. Also keeps the Reboot that a cordoned node names: without it the reason of the cordon would be lost,
 * and garbage collection would remove the cordon.
 */
const isNeeded = (deps: ServiceDeps, reboot: Reboot): boolean =>
  deps.cluster
    .nodes()
    .some(
      (node) =>
        node.uid === reboot.node.uid && (node.bootId === reboot.bootId || node.cordonedBy === reboot.name),
    );
