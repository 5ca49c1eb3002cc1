/**
 * Garbage collection: releases orders, cordons, labels and turns of Tugboot whose Reboot has ended or does
 * not exist.
 */
import { holdsCordon, holdsTurn, isUnderWay } from '../ownership/ownership.ts';
import type { Turn } from '../scheduling/snapshot/ledger.ts';
import { isLabelled } from '../ownership/managed-labels.ts';
import { rebootName } from '../nodes/reboot-name.ts';
import type { ClusterEvent } from '../nodes/cluster-event.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { toTimestamp } from '../time/time.ts';
import { recreateIfDeleted } from '../detect/deleted-unseen.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { collectLabels } from '../effects/label-node.ts';
import { releaseUnclaimed, restoreTurns } from '../start/turns.ts';

/**
 * Orders first, turns last: releasing a turn lets the next node start, so this node must be in a safe state
 * before. A failure on one node does not stop the others; the first one is thrown at the end.
 */
export async function collectGarbage(deps: ServiceDeps): Promise<void> {
  const failures: unknown[] = [];
  const attempt = async (work: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      return false;
    }
  };
  const unresolved = new Set<string>();
  const reboots = Map.groupBy(deps.store.all(), (reboot) => reboot.node.uid);
  for (const node of deps.cluster.nodes()) {
    if (bearsNothing(deps, node)) continue;
    const isResolved = await attempt(async () => {
      // Re-creates a deleted record, which then does the clean-up. The order is withdrawn without waiting for
      // that.
      await recreateIfDeleted(deps, node);
      return (
        (await collectOrder(deps, node)) &&
        (await collectCordon(deps, node)) &&
        collectLabels(deps, node, reboots.get(node.uid) ?? [])
      );
    });
    if (!isResolved) unresolved.add(node.name);
  }
  const ledger = await deps.ledger.read();
  for (const turn of ledger.turns) {
    if (!unresolved.has(turn.node)) await attempt(() => collectTurn(deps, turn));
  }
  await attempt(() => restoreTurns(deps, ledger));
  if (failures.length > 0) throw failures[0];
}

/** Nothing of ours to collect. Of thousands of nodes nearly all are so, at each resync. */
const bearsNothing = (deps: ServiceDeps, node: NodeView): boolean =>
  node.cordonedBy === undefined && deps.cluster.agent(node.name)?.endBoot === undefined && !isLabelled(node);

/**
 * Whether a Reboot owns a resource. The watch may lag, so the API server is queried before anything is
 * released.
 */
async function isOwned(
  deps: ServiceDeps,
  name: string,
  claim: (reboot: Reboot) => boolean,
): Promise<boolean> {
  // Its deletion is being handled: the record is re-created, with its pending clean-up.
  if (deps.deletions.has(name)) return true;
  const known = deps.store.cached(name);
  if (known && claim(known)) return true;
  // An unreadable record keeps all of its resources.
  if (deps.store.unreadable().some((record) => record.name === name)) return true;
  const stored = await deps.store.get(name);
  return stored !== undefined && claim(stored);
}

async function collectTurn(deps: ServiceDeps, { reboot, node, pool, since }: Turn): Promise<boolean> {
  if (await isOwned(deps, reboot, holdsTurn)) return false;
  if (!(await releaseUnclaimed(deps, { reboot, node }))) return false;
  deps.logger.warn('turn released that nobody owned', { reboot, node, pool, since });
  return true;
}

/**
 * Withdraws an order that no Reboot owns. False while the agent is already obeying it: until the node has
 * booted, it stays as it is.
 */
export async function collectOrder(deps: ServiceDeps, node: NodeView): Promise<boolean> {
  const endBoot = deps.cluster.agent(node.name)?.endBoot;
  // An order for an earlier boot is void; its Reboot clears it in its clean-up.
  if (endBoot === undefined || endBoot !== node.bootId) return true;
  const owner = rebootName(node, endBoot, deps.hash);
  if (await isOwned(deps, owner, (reboot) => isIn(reboot, 'Rebooting'))) return true;
  const { agent } = await deps.cluster.observe(node.name);
  if (agent?.endBoot !== endBoot) return true;
  const receipt = agent.report?.order;
  // The host is going down already. The standing order keeps the node cordoned, and its turn taken.
  if (receipt?.endBoot === endBoot && receipt.state === 'obeying') {
    deps.logger.warn('node goes down by an order that nobody owns', { node: node.name, end_boot: endBoot });
    const note = `It was told to end boot ${endBoot} for ${owner}, which is over, and its host was asked already. It stays cordoned until it has booted.`;
    await recordWarning(deps, node, { key: `${owner}.going`, reason: 'RebootUnowned', note });
    return false;
  }
  await deps.cluster.withdrawOrder(node.name, endBoot);
  deps.logger.warn('order withdrawn that nobody owned', { node: node.name, end_boot: endBoot });
  return true;
}

/** Removes a cordon whose Reboot does not claim it. False when it has to be tried again. */
async function collectCordon(deps: ServiceDeps, node: NodeView): Promise<boolean> {
  const owner = node.cordonedBy;
  await forgetCordon(deps, node);
  if (owner === undefined || !node.unschedulable) return true;
  const claim = (reboot: Reboot): boolean => reboot.node.uid !== node.uid || holdsCordon(reboot);
  if (inUse(deps, node) || (await isOwned(deps, owner, claim))) return true;
  const { node: fresh, agent } = await deps.cluster.observe(node.name);
  // An order that the watch does not show yet is withdrawn first, at the next attempt.
  if (!fresh || fresh.cordonedBy !== owner || agent?.endBoot === fresh.bootId) return false;
  const target = { node: fresh.name, uid: fresh.uid, bootId: fresh.bootId };
  const answer = await deps.cluster.uncordon(target, owner, async () => {
    const stored = await deps.store.get(owner);
    const current = await deps.store.get(rebootName(fresh, fresh.bootId, deps.hash));
    return (stored === undefined || !claim(stored)) && !(current && isUnderWay(current));
  });
  if (answer !== 'done') return false;
  deps.logger.warn('node uncordoned whose reboot is over', { node: node.name, reboot: owner });
  const note = `Uncordoned: it was cordoned for ${owner}, which is over.`;
  await recordWarning(deps, fresh, { key: `${owner}.recovered`, reason: 'RebootRecovered', note });
  return true;
}

/**
 * Whether a Reboot of the next boot is under way, which may rely on the cordon that it found. The cordon is
 * then removed after both.
 */
const inUse = (deps: ServiceDeps, node: NodeView): boolean =>
  deps.store.all().some((reboot) => reboot.node.uid === node.uid && isUnderWay(reboot));

/**
 * Removes our annotation from a node that was uncordoned by hand. Otherwise the next cordon by hand would
 * count as ours.
 */
export async function forgetCordon(deps: ServiceDeps, node: NodeView): Promise<void> {
  if (node.cordonedBy === undefined || node.unschedulable) return;
  await deps.cluster.forgetCordon({ node: node.name, uid: node.uid, bootId: node.bootId }, node.cordonedBy);
}

async function recordWarning(
  deps: ServiceDeps,
  node: NodeView,
  told: Pick<ClusterEvent, 'key' | 'reason' | 'note'>,
): Promise<void> {
  const at = toTimestamp(deps.clock.now());
  await deps.cluster.record({ node: node.name, nodeUid: node.uid, type: 'Warning', at, ...told });
}
