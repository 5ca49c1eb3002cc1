import { needOf, rebootName } from '../packages.ts';
import { isControlPlane, poolOf } from '../pools.ts';
import { zoneLabel } from '../node-contract.ts';
import type { AgentView, NodeView } from '../ports.ts';
import type { PoolPolicy } from '../policy.ts';
import type { Reboot } from '../reboot.ts';
import { isIn } from '../reboot.ts';
import { toTimestamp } from '../time.ts';
import type { ServiceDeps } from './deps.ts';
import { recoverOrder, unmark } from './recover.ts';
import type { NodeReport } from '../node-report.ts';

/**
 * Looks at a node: gives it a NodeAgent object, mirrors its report into the RebootRequired condition, makes a Reboot where one
 * is asked for, and wakes the Reboots that stand. Works from the watch: whatever it concludes is looked at afresh before anything is done.
 */
export async function look(deps: ServiceDeps, name: string): Promise<void> {
  const node = deps.cluster.nodes().find((each) => each.name === name);
  if (node) await lookAtNode(deps, node);
  const standing = deps.store.all().filter((reboot) => reboot.node.name === name && isOpen(reboot));
  for (const reboot of standing) await deps.queue.advance(reboot.name);
}

/** Whether anything may still happen to a Reboot by itself. */
export function isOpen(reboot: Reboot): boolean {
  if (isIn(reboot, 'Succeeded', 'Cancelled', 'Superseded')) return !reboot.state.tidied;
  if (isIn(reboot, 'Failed')) return reboot.state.givenUp === undefined || !reboot.state.tidied;
  return true;
}

async function lookAtNode(deps: ServiceDeps, node: NodeView): Promise<void> {
  await unmark(deps, node);
  await recoverOrder(deps, node);
  const agent = deps.cluster.agent(node.name);
  if (!agent) {
    await deps.cluster.ensureAgent(node);
    return;
  }
  const report = currentReport(node, agent);
  await mirror(deps, node, agent, report);
  const pool = poolOf(deps.policy(), node);
  if (report?.required === 'yes' && pool) await ask(deps, { node, report, pool });
}

/** A report of another boot says nothing about this one. */
const currentReport = (node: NodeView, agent: AgentView): NodeReport | undefined =>
  agent.report?.bootId === node.bootId ? agent.report : undefined;

async function mirror(
  deps: ServiceDeps,
  node: NodeView,
  agent: AgentView,
  report: NodeReport | undefined,
): Promise<void> {
  if (agent.unreadable !== undefined)
    deps.logger.warn('report of the agent cannot be read', { node: node.name, problem: agent.unreadable });
  if (!report) return;
  const status = ({ yes: 'True', no: 'False', unknown: 'Unknown' } as const)[report.required];
  if (node.rebootRequired === status) return;
  const target = { node: node.name, uid: node.uid, bootId: node.bootId };
  await deps.cluster.markRebootRequired(target, status, conditionMessage(report));
}

function conditionMessage(report: NodeReport): string {
  if (report.required === 'no') return 'The node does not ask for a reboot.';
  if (report.required === 'unknown') return `It cannot be told: ${report.reason ?? 'no reason given'}.`;
  const named = report.packages.slice(0, 5).map((pack) => pack.name);
  const more = report.packages.length + report.packagesLeftOut - named.length;
  if (named.length === 0) return 'A reboot is required; the node does not say for which packages.';
  return `A reboot is required for ${named.join(', ')}${more > 0 ? ` and ${more} more` : ''}.`;
}

async function ask(
  deps: ServiceDeps,
  { node, report, pool }: { node: NodeView; report: NodeReport; pool: PoolPolicy },
): Promise<void> {
  const name = rebootName(node, node.bootId, deps.digest);
  const known = deps.store.all().find((reboot) => reboot.name === name);
  if (known) {
    await reopen(deps, known);
    return;
  }
  const now = deps.clock.now();
  const zone = node.labels[zoneLabel];
  const created = await deps.store.create({
    name,
    node: { name: node.name, uid: node.uid },
    bootId: node.bootId,
    pool: pool.name,
    need: needOf(report, deps.digest, now),
    facts: {
      osImage: node.osImage,
      controlPlane: isControlPlane(node),
      ...(zone === undefined ? {} : { zone }),
    },
    state: { phase: 'Pending', since: toTimestamp(now), approvals: [] },
    chat: { replies: {} },
    history: [],
  });
  if (created !== 'exists')
    deps.logger.info('reboot required', {
      reboot: name,
      node: node.name,
      pool: pool.name,
      packages: report.packages.length,
    });
  await deps.queue.advance(name);
}

/** The same boot asks once more: a sentinel that had been taken away is back. */
async function reopen(deps: ServiceDeps, known: Reboot): Promise<void> {
  if (isIn(known, 'Superseded') && known.state.why === 'no-longer-required')
    await deps.queue.advance(known.name);
}
