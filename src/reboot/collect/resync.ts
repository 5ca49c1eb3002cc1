/**
 * The safety net: wakes everything that may want a step, and releases what nobody owns. Events make Tugboot
 * fast; this makes it certain.
 */
import { agentlessBecause } from '../nodes/agentless.ts';
import { isOpen } from '../state/ownership.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { poolFinder } from '../policy/pools.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import { mayStillRun, rolloutKey, sameRollout } from '../rollout/rollout.ts';
import { reportOf } from '../signals/signals.ts';
import { toInstant } from '../ports/time.ts';
import { writeUnwritten } from './deleted-reboot.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { tellNotices } from './tell-notices.ts';
import { mirrorOf } from './reconcile-node.ts';
import { readNow } from './new-reboot.ts';
import { collectGarbage } from './collect-garbage.ts';
import { tellRefusedConfig } from './tell-refused-config.ts';

/** Rebuilds all work from the cluster: at start, after the queue lost what it held, and every so often. */
export async function resync(deps: ServiceDeps): Promise<void> {
  const find = poolFinder(deps.policy());
  for (const node of deps.cluster.nodes()) {
    if (worthALook(deps, node, find(node))) await deps.queue.reconcileNode(node.name);
  }
  for (const reboot of deps.store.all()) {
    if (isOpen(reboot)) await deps.queue.reconcile(reboot.name);
  }
  for (const { name } of deps.store.unreadable()) await deps.queue.reconcile(name);
  await writeUnwritten(deps);
  try {
    await collectGarbage(deps);
  } finally {
    // A node that cannot be put in order, for as long as that may be, silences nobody else.
    await prune(deps);
    await tellLater(deps, 'nodes that cannot be read', tellNotices);
    await tellLater(deps, 'a refused configuration', tellRefusedConfig);
  }
}

async function tellLater(
  deps: ServiceDeps,
  what: string,
  tell: (deps: ServiceDeps) => Promise<void>,
): Promise<void> {
  try {
    await tell(deps);
  } catch (error) {
    // What was begun is taken up by a later scan.
    deps.logger.warn(`${what} could not be told of yet`, { err: error });
  }
}

/** A quiet node is looked at by its events alone: at 5,000 nodes a scan must not be 5,000 jobs. */
function worthALook(deps: ServiceDeps, node: NodeView, pool: PoolPolicy | undefined): boolean {
  if (agentlessBecause(node) !== undefined) return false;
  const agent = deps.cluster.agent(node.name);
  // What it said about another boot is no reason to look.
  if (!agent || !reportOf(node, agent)) return agent === undefined;
  if (node.requested !== undefined) return true;
  const mirrored = mirrorOf(readNow(deps, node, agent, pool));
  return mirrored === 'True' || mirrored !== node.rebootRequired;
}

/** Keeps the record bounded by number and age; what is open is never pruned. */
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
 * A rollout counts its nodes, and since when they are well, from their records: without them it would skip
 * what it has to watch.
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
 * A decision on the boot that still runs is not history: without it the card would ask again. Nor is the
 * Reboot that a cordoned node names: without it nobody could tell why it is cordoned, and recovery would take
 * it for forgotten.
 */
const isNeeded = (deps: ServiceDeps, reboot: Reboot): boolean =>
  deps.cluster
    .nodes()
    .some(
      (node) =>
        node.uid === reboot.node.uid && (node.bootId === reboot.bootId || node.cordonedBy === reboot.name),
    );
