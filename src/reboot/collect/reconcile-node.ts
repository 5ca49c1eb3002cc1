import { agentlessBecause } from '../policy/agentless.ts';
import { isOpen } from '../ownership/ownership.ts';
import type { NodeReport } from '../nodes/node-report.ts';
import { rebootName } from '../nodes/reboot-name.ts';
import { needOf } from '../signals/packages.ts';
import { sentinelSignal } from '../policy/pool-signal.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import { poolOf } from '../policy/pools.ts';
import type { AgentView } from '../nodes/observation.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { stepOf } from '../machine/step.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { packagesOf, type PoolReading, reportOf, saying, verdictOf } from '../signals/signals.ts';
import { recreateIfDeleted } from '../detect/deleted-unseen.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { collectLabels } from '../effects/label-node.ts';
import { newReboot, currentReadings } from '../detect/new-reboot.ts';
import { collectOrder, forgetCordon } from './collect-garbage.ts';
import { takeUpRequest } from '../commands/request.ts';

/**
 * Reconciles a node: creates its NodeAgent, mirrors its report into the RebootRequired condition, creates a
 * Reboot where one is required, and wakes its open Reboots. Works from the watch: every conclusion is checked
 * on a fresh read before it is acted on.
 */
export async function reconcileNode(deps: ServiceDeps, name: string): Promise<void> {
  const node = deps.cluster.cachedNode(name);
  if (node) await reconcileExisting(deps, node);
  const known = deps.store.all().filter((reboot) => reboot.node.name === name);
  for (const reboot of known) {
    if (isOpen(reboot)) await deps.queue.reconcile(reboot.name, deps.clock.now(), stepOf(reboot));
  }
  if (node)
    await collectLabels(
      deps,
      node,
      known.filter((reboot) => reboot.node.uid === node.uid),
    );
}

async function reconcileExisting(deps: ServiceDeps, node: NodeView): Promise<void> {
  await forgetCordon(deps, node);
  await collectOrder(deps, node);
  if (agentlessBecause(node) !== undefined) return;
  const agent = deps.cluster.agent(node.name);
  if (!agent) {
    await deps.cluster.ensureAgent(node);
    return;
  }
  const report = reportOf(node, agent);
  const pool = poolOf(deps.policy(), node);
  const readings = currentReadings(deps, node, agent, pool);
  await mirror(deps, { node, agent, report, readings });
  if (report) await takeUpRequest(deps, node);
  // Without a report on this boot no agent could carry out an order.
  if (report && pool && verdictOf(readings) === 'yes')
    await ensureReboot(deps, { node, report, pool, readings });
}

/** The status of the RebootRequired condition for the readings. */
export const mirrorOf = (readings: readonly PoolReading[]): 'True' | 'False' | 'Unknown' =>
  ({ yes: 'True', no: 'False', unknown: 'Unknown' } as const)[verdictOf(readings)];

interface NodeReadings {
  readonly node: NodeView;
  readonly agent: AgentView;
  readonly report: NodeReport | undefined;
  readonly readings: readonly PoolReading[];
}

async function mirror(deps: ServiceDeps, { node, agent, report, readings }: NodeReadings): Promise<void> {
  if (agent.unreadable !== undefined)
    deps.logger.warn('report of the agent cannot be read', { node: node.name, problem: agent.unreadable });
  const status = mirrorOf(readings);
  if (!report || node.rebootRequired === status) return;
  const target = { node: node.name, uid: node.uid, bootId: node.bootId };
  await deps.cluster.setRebootRequired(target, status, conditionMessage(readings, report));
}

function conditionMessage(readings: readonly PoolReading[], report: NodeReport): string {
  const verdict = verdictOf(readings);
  if (verdict === 'no') return 'The node does not ask for a reboot.';
  if (verdict === 'unknown') {
    const unreadable = saying('unknown', readings).map(
      ({ name, reason }) => `${name}: ${reason ?? 'no reason given'}`,
    );
    return `It cannot be told. ${unreadable.join('; ')}.`;
  }
  const by = saying('yes', readings).map(({ name }) => name);
  const packages = packagesOf(readings);
  const named = packages.slice(0, 5).map((pack) => pack.name);
  const leftOut = by.includes(sentinelSignal.name) ? report.packagesLeftOut : 0;
  const more = packages.length + leftOut - named.length;
  const what = named.length === 0 ? '' : ` for ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
  return `A reboot is required${what}. Asked for by: ${by.join(', ')}.`;
}

async function ensureReboot(
  deps: ServiceDeps,
  {
    node,
    report,
    pool,
    readings,
  }: Omit<NodeReadings, 'agent' | 'report'> & { report: NodeReport; pool: PoolPolicy },
): Promise<void> {
  const name = rebootName(node, node.bootId, deps.hash);
  const known = deps.store.cached(name);
  if (known) {
    await reopen(deps, known);
    return;
  }
  if (deps.unwritten.has(name) || deps.deletions.has(name)) return;
  if (deps.store.unreadable().some((each) => each.name === name)) return;
  if (await recreateIfDeleted(deps, node)) return;
  const need = needOf(report, deps.hash, deps.clock.now(), readings);
  const created = await deps.store.create(newReboot(deps, { node, report, pool, need }));
  if (created !== 'exists')
    deps.logger.info('reboot required', {
      reboot: name,
      node: node.name,
      pool: pool.name,
      asked_by: saying('yes', readings).map(({ name }) => name),
      packages: packagesOf(readings).length,
    });
  await deps.queue.reconcile(name, deps.clock.now(), 'decide');
}

/** Wakes a superseded Reboot of the same boot, when a removed sentinel is back. */
async function reopen(deps: ServiceDeps, known: Reboot): Promise<void> {
  if (isIn(known, 'Superseded') && known.state.why === 'no-longer-required')
    await deps.queue.reconcile(known.name, deps.clock.now(), 'decide');
}

/**
 * Reconciles a Reboot that was created with kubectl, repaired, or created by another replica, which
 * reconciles it too.
 */
export async function takeUpAppeared(deps: ServiceDeps, name: string): Promise<void> {
  const reboot = deps.store.cached(name);
  const isUnreadable = deps.store.unreadable().some((record) => record.name === name);
  if (isUnreadable || (reboot && isOpen(reboot)))
    await deps.queue.reconcile(name, deps.clock.now(), reboot && stepOf(reboot));
}
