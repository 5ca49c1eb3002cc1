/**
 * The safety net: wakes everything that may want a step, and releases what nobody owns. Events make Tugboot fast; this makes it certain.
 */
import type { NodeView } from '../ports.ts';
import { isIn, type Reboot } from '../reboot.ts';
import { toInstant, toTimestamp } from '../time.ts';
import type { ServiceDeps } from './deps.ts';
import { isOpen } from './look.ts';

/** Rebuilds all work from the cluster: at start, after the queue lost what it held, and every so often. */
export async function scan(deps: ServiceDeps): Promise<void> {
  for (const node of deps.cluster.nodes()) {
    if (worthALook(deps, node)) await deps.queue.look(node.name);
  }
  for (const reboot of deps.store.all()) {
    if (isOpen(reboot)) await deps.queue.advance(reboot.name);
  }
  await recover(deps);
  await prune(deps);
}

/** A quiet node is looked at by its events alone: at 5,000 nodes a scan must not be 5,000 jobs. */
function worthALook(deps: ServiceDeps, node: NodeView): boolean {
  const agent = deps.cluster.agent(node.name);
  if (!agent?.report) return agent === undefined;
  const mirrored = { yes: 'True', no: 'False', unknown: 'Unknown' }[agent.report.required];
  return agent.report.required === 'yes' || mirrored !== node.rebootRequired;
}

/** Whether a Reboot still has a claim on its node: its turn, its cordon, its order. */
const claims = (reboot: Reboot): boolean =>
  isIn(reboot, 'Approved', 'Draining', 'Rebooting', 'Settling') || isOpen(reboot);

async function recover(deps: ServiceDeps): Promise<void> {
  await recoverTurns(deps);
  for (const node of deps.cluster.nodes()) {
    await recoverOrder(deps, node);
    await recoverCordon(deps, node);
  }
}

/** The watch may lag behind what was created or changed a moment ago, so the store is asked before anything is taken away. */
async function owner(deps: ServiceDeps, name: string): Promise<Reboot | undefined> {
  const known = deps.store.all().find((reboot) => reboot.name === name);
  return known && claims(known) ? known : deps.store.get(name);
}

async function recoverTurns(deps: ServiceDeps): Promise<void> {
  for (const turn of (await deps.ledger.read()).turns) {
    const reboot = await owner(deps, turn.reboot);
    if (reboot && claims(reboot)) continue;
    await deps.ledger.release(turn.reboot);
    deps.logger.warn('turn released that nobody owned', {
      reboot: turn.reboot,
      node: turn.node,
      pool: turn.pool,
      since: turn.since,
    });
  }
}

async function recoverOrder(deps: ServiceDeps, node: NodeView): Promise<void> {
  const endBoot = deps.cluster.agent(node.name)?.endBoot;
  // An order for a boot that is over is void already; its Reboot clears it away in the end.
  if (endBoot === undefined || endBoot !== node.bootId) return;
  const ordering = deps.store
    .all()
    .some(
      (reboot) => isIn(reboot, 'Rebooting') && reboot.node.name === node.name && reboot.bootId === endBoot,
    );
  if (ordering) return;
  const { agent } = await deps.cluster.observe(node.name);
  const standing = await orderedBy(deps, node, agent?.endBoot);
  if (agent?.endBoot === undefined || standing) return;
  await deps.cluster.withdrawOrder(node.name);
  deps.logger.warn('order withdrawn that nobody owned', { node: node.name, end_boot: endBoot });
}

async function orderedBy(deps: ServiceDeps, node: NodeView, endBoot: string | undefined): Promise<boolean> {
  for (const reboot of deps.store
    .all()
    .filter((each) => each.node.name === node.name && each.bootId === endBoot)) {
    const stored = await deps.store.get(reboot.name);
    if (stored && isIn(stored, 'Rebooting')) return true;
  }
  return false;
}

async function recoverCordon(deps: ServiceDeps, node: NodeView): Promise<void> {
  if (node.cordonedBy === undefined || !node.unschedulable) return;
  const reboot = await owner(deps, node.cordonedBy);
  // Given up with the node left cordoned: people were told, and it is theirs now.
  if (reboot && (claims(reboot) || (isIn(reboot, 'Failed') && reboot.state.givenUp?.leaveCordoned === true)))
    return;
  const target = { node: node.name, uid: node.uid, bootId: node.bootId };
  const answer = await deps.cluster.uncordon(target, node.cordonedBy);
  deps.logger.warn('node uncordoned whose reboot is over', {
    node: node.name,
    reboot: node.cordonedBy,
    answer,
  });
  await deps.cluster.record({
    node: node.name,
    nodeUid: node.uid,
    key: `${node.cordonedBy}.recovered`,
    type: 'Warning',
    reason: 'RebootRecovered',
    note: `Uncordoned: it was cordoned for ${node.cordonedBy}, which is over.`,
    at: toTimestamp(deps.clock.now()),
  });
}

/** Keeps the record bounded by number and age; what is open is never pruned. */
async function prune(deps: ServiceDeps): Promise<void> {
  const { keep, maxAge } = deps.policy().history;
  const now = deps.clock.now();
  const ended = deps.store
    .all()
    .filter((reboot) => !isOpen(reboot) && !describesThisBoot(deps, reboot))
    .sort((a, b) => toInstant(b.state.since) - toInstant(a.state.since));
  for (const [index, reboot] of ended.entries()) {
    if (index < keep && now - toInstant(reboot.state.since) < maxAge) continue;
    await deps.store.remove(reboot.name);
  }
}

/** A decision on the boot that still runs is not history: without it the card would ask again. */
const describesThisBoot = (deps: ServiceDeps, reboot: Reboot): boolean =>
  deps.cluster.nodes().some((node) => node.uid === reboot.node.uid && node.bootId === reboot.bootId);
