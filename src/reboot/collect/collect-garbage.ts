/**
 * Releases what nobody owns: an order, a cordon, a mark or a turn of ours whose Reboot is over, gone, or
 * never got to know of it.
 */
import { holdsCordon, holdsTurn, isUnderWay } from '../state/ownership.ts';
import type { Turn } from '../scheduling/ledger.ts';
import { rebootName } from '../state/packages.ts';
import type { ClusterEvent } from '../nodes/cluster-event.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { toTimestamp } from '../ports/time.ts';
import { wasDeleted } from './deleted-unseen.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { collectLabels } from '../reconcile/label-node.ts';
import { releaseUnclaimed, restoreTurns } from '../reconcile/turns.ts';

/**
 * Orders first, turns last: a turn that goes lets the next node start, and by then this one must be safe.
 * What cannot be done for one node does not keep the others waiting; it is told in the end.
 */
export async function collectGarbage(deps: ServiceDeps): Promise<void> {
  const failures: unknown[] = [];
  const safe = async (work: () => Promise<boolean>): Promise<boolean> => {
    try {
      return await work();
    } catch (error) {
      failures.push(error);
      return false;
    }
  };
  const troubled = new Set<string>();
  const reboots = Map.groupBy(deps.store.all(), (reboot) => reboot.node.uid);
  for (const node of deps.cluster.nodes()) {
    const quiet = await safe(async () => {
      // Its record, written anew, owes what is left on the node. The order does not wait for that.
      await wasDeleted(deps, node);
      return (
        (await collectOrder(deps, node)) &&
        (await recoverCordon(deps, node)) &&
        collectLabels(deps, node, reboots.get(node.uid) ?? [])
      );
    });
    if (!quiet) troubled.add(node.name);
  }
  const ledger = await deps.ledger.read();
  for (const turn of ledger.turns) {
    if (!troubled.has(turn.node)) await safe(() => recoverTurn(deps, turn));
  }
  await safe(() => restoreTurns(deps, ledger));
  if (failures.length > 0) throw failures[0];
}

/**
 * The watch may lag behind what was created or changed a moment ago, so the store is asked before anything is
 * taken away.
 */
async function claims(deps: ServiceDeps, name: string, claim: (reboot: Reboot) => boolean): Promise<boolean> {
  // What it owes follows from its last state, and is being written anew.
  if (deps.deletions.has(name)) return true;
  const known = deps.store.all().find((reboot) => reboot.name === name);
  if (known && claim(known)) return true;
  // What it owns is not known, so it keeps all of it.
  if (deps.store.unreadable().some((record) => record.name === name)) return true;
  const stored = await deps.store.get(name);
  return stored !== undefined && claim(stored);
}

async function recoverTurn(deps: ServiceDeps, { reboot, node, pool, since }: Turn): Promise<boolean> {
  if (await claims(deps, reboot, holdsTurn)) return false;
  if (!(await releaseUnclaimed(deps, { reboot, node }))) return false;
  deps.logger.warn('turn released that nobody owned', { reboot, node, pool, since });
  return true;
}

/**
 * False while the node is on its way down by an order that nobody owns: until it has booted, it is left as it
 * is.
 */
export async function collectOrder(deps: ServiceDeps, node: NodeView): Promise<boolean> {
  const endBoot = deps.cluster.agent(node.name)?.endBoot;
  // An order for a boot that is over is void already; its Reboot clears it away in the end.
  if (endBoot === undefined || endBoot !== node.bootId) return true;
  const owner = rebootName(node, endBoot, deps.digest);
  if (await claims(deps, owner, (reboot) => isIn(reboot, 'Rebooting'))) return true;
  const { agent } = await deps.cluster.observe(node.name);
  if (agent?.endBoot !== endBoot) return true;
  const receipt = agent.report?.order;
  // Its host was asked, and cannot be asked to stay. The order that stands keeps the node cordoned, and its
  // turn from others.
  if (receipt?.endBoot === endBoot && receipt.state === 'obeying') {
    deps.logger.warn('node goes down by an order that nobody owns', { node: node.name, end_boot: endBoot });
    const note = `It was told to end boot ${endBoot} for ${owner}, which is over, and its host was asked already. It stays cordoned until it has booted.`;
    await warn(deps, node, { key: `${owner}.going`, reason: 'RebootUnowned', note });
    return false;
  }
  await deps.cluster.withdrawOrder(node.name, endBoot);
  deps.logger.warn('order withdrawn that nobody owned', { node: node.name, end_boot: endBoot });
  return true;
}

/** False when it could not be told yet. */
async function recoverCordon(deps: ServiceDeps, node: NodeView): Promise<boolean> {
  const owner = node.cordonedBy;
  await unmark(deps, node);
  if (owner === undefined || !node.unschedulable) return true;
  const claim = (reboot: Reboot): boolean => reboot.node.uid !== node.uid || holdsCordon(reboot);
  if (inUse(deps, node) || (await claims(deps, owner, claim))) return true;
  const { node: fresh, agent } = await deps.cluster.observe(node.name);
  // An order that the watch has not shown yet is dealt with first, the next time.
  if (!fresh || fresh.cordonedBy !== owner || agent?.endBoot === fresh.bootId) return false;
  const target = { node: fresh.name, uid: fresh.uid, bootId: fresh.bootId };
  const answer = await deps.cluster.uncordon(target, owner, async () => {
    const stored = await deps.store.get(owner);
    const current = await deps.store.get(rebootName(fresh, fresh.bootId, deps.digest));
    return (stored === undefined || !claim(stored)) && !(current && isUnderWay(current));
  });
  if (answer !== 'done') return false;
  deps.logger.warn('node uncordoned whose reboot is over', { node: node.name, reboot: owner });
  const note = `Uncordoned: it was cordoned for ${owner}, which is over.`;
  await warn(deps, fresh, { key: `${owner}.recovered`, reason: 'RebootRecovered', note });
  return true;
}

/**
 * Another Reboot, of the next boot, may count on a cordon that it found on the node: that one goes when both
 * are over.
 */
const inUse = (deps: ServiceDeps, node: NodeView): boolean =>
  deps.store.all().some((reboot) => reboot.node.uid === node.uid && isUnderWay(reboot));

/**
 * Somebody uncordoned a node that we had cordoned. Left on it, our mark would make the next cordon, theirs,
 * look like ours.
 */
export async function unmark(deps: ServiceDeps, node: NodeView): Promise<void> {
  if (node.cordonedBy === undefined || node.unschedulable) return;
  await deps.cluster.unmark({ node: node.name, uid: node.uid, bootId: node.bootId }, node.cordonedBy);
}

async function warn(
  deps: ServiceDeps,
  node: NodeView,
  told: Pick<ClusterEvent, 'key' | 'reason' | 'note'>,
): Promise<void> {
  const at = toTimestamp(deps.clock.now());
  await deps.cluster.record({ node: node.name, nodeUid: node.uid, type: 'Warning', at, ...told });
}
