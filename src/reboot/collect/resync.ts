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
import { rebootName } from '../nodes/reboot-name.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { mayStillRun, rolloutKey, sameRollout } from '../rollout/rollout.ts';
import { reportOf } from '../signals/signals.ts';
import { type Millis, second, toInstant } from '../time/time.ts';
import { recreateUnwritten } from './deleted-reboot.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { forgetGone } from '../render/rendered.ts';
import { postNotices } from './post-notices.ts';
import { mirrorOf } from './reconcile-node.ts';
import { currentReadings } from '../detect/new-reboot.ts';
import { collectGarbage } from './collect-garbage.ts';
import { dueFor } from './due.ts';
import { isWaiting } from '../loop/rested.ts';
import { impactMaxAge } from '../start/assess.ts';
import { askForPlan } from '../start/planner.ts';
import { planForWords } from '../start/plans.ts';
import { listsJob } from '../ports/queue.ts';
import { isPending } from '../shown-list/shown-list.ts';
import { postRefusedConfig } from './post-refused-config.ts';

/** Rebuilds all work from the cluster: at start, after the queue lost its jobs, and periodically. */
export async function resync(deps: ServiceDeps): Promise<void> {
  const find = poolFinder(deps.policy());
  for (const node of deps.cluster.nodes()) {
    if (needsReconcile(deps, node, find(node))) await deps.queue.reconcileNode(node.name);
  }
  await askForPlan(deps);
  await wakeDue(deps);
  for (const { pool, decisions } of deps.digests.all()) {
    await deps.queue.updateDigest(pool);
    if (decisions.some(({ result }) => result === undefined)) await deps.queue.spread(pool);
  }
  if (deps.digests.lists.all().some(isPending)) await deps.queue.spread(listsJob);
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

/** Interval of the resync, for what is due before the next one. */
const interval: Millis = 30 * second;

/**
 * Renders that are asked for again, and Reboots whose blockers are worded anew, at one resync. Chat takes
 * fewer messages in that time.
 */
const mostCards = 100;

/**
 * Wakes what is under way, and of what waits only that for which something is due: an effect, a deadline, a
 * change that no event has told, or a render that was lost.
 */
async function wakeDue(deps: ServiceDeps): Promise<void> {
  const all = deps.store.all();
  const now = deps.clock.now();
  const planned = await planForWords(deps);
  const world = {
    planned,
    soon: now + interval,
    impactMaxAge: impactMaxAge(all.filter(isWaiting).length),
  };
  let cards = 0;
  for (const reboot of all) {
    if (!isOpen(reboot)) continue;
    const due = isWaiting(reboot) ? dueFor(deps, reboot, world) : ({ what: 'reconcile' } as const);
    if (due?.what === 'render' || due?.what === 'reword') {
      cards += 1;
      if (cards > mostCards) continue;
    }
    if (due?.what === 'render') await deps.queue.render(reboot.name);
    else if (due !== undefined)
      await deps.queue.reconcile(reboot.name, due.what === 'reconcile-at' ? due.at : now, stepOf(reboot));
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
    deps.logger.warn('notice not posted; the next resync tries again', { what, err: error });
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
  if (mirrored !== node.rebootRequired) return true;
  return mirrored === 'True' && pool !== undefined && !hasReboot(deps, node);
}

/** A superseded one may have to be reopened. */
function hasReboot(deps: ServiceDeps, node: NodeView): boolean {
  const known = deps.store.cached(rebootName(node, node.bootId, deps.hash));
  return known !== undefined && !isIn(known, 'Superseded');
}

/** Prunes ended Reboots by number and age; open ones are never pruned. */
async function prune(deps: ServiceDeps): Promise<void> {
  const { keep, maxAge } = deps.policy().history;
  const now = deps.clock.now();
  const rolling = inRollouts(deps);
  const ended = deps.store
    .all()
    .filter(
      (reboot) =>
        !isOpen(reboot) &&
        !rolling.has(reboot.name) &&
        !isNeeded(deps.cluster.cachedNode(reboot.node.name), reboot),
    )
    .sort((a, b) => toInstant(b.state.since) - toInstant(a.state.since));
  const isLate = lateOnes(Math.min(keep, keptOfNode));
  for (const [index, reboot] of ended.entries()) {
    const isKept = !isLate(reboot) || index < keep;
    if (isKept && now - toInstant(reboot.state.since) < maxAge) continue;
    await deps.store.remove(reboot.name, reboot.version);
  }
}

/** A day on which hundreds of nodes are rebooted must not remove the records of the others. */
const keptOfNode = 5;

/** Bound of what is kept for that, in bytes of JSON: etcd and every watch hold it. */
const mostKept = 32 * 1024 * 1024;

/** For Reboots from the latest to the oldest: whether it is none of the last ones of its node. */
function lateOnes(ofNode: number): (reboot: Reboot) => boolean {
  const seen = new Map<string, number>();
  let size = 0;
  return (reboot) => {
    const nth = (seen.get(reboot.node.name) ?? 0) + 1;
    seen.set(reboot.node.name, nth);
    size += recordSize(reboot);
    return nth > ofNode || size > mostKept;
  };
}

const sizes = new WeakMap<Reboot, number>();

/** A Reboot is an immutable value, so its size is found once, and not at each resync. */
function recordSize(reboot: Reboot): number {
  const known = sizes.get(reboot);
  if (known !== undefined) return known;
  const size = Buffer.byteLength(JSON.stringify(reboot));
  sizes.set(reboot, size);
  return size;
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
const isNeeded = (current: NodeView | undefined, { node, bootId, name }: Reboot): boolean =>
  current?.uid === node.uid && (current.bootId === bootId || current.cordonedBy === name);
