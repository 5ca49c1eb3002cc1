import { zoneLabel } from '../node-contract.ts';
import type { NodeReport } from '../node-report.ts';
import { rebootName } from '../packages.ts';
import { sentinelSignal } from '../pool-signal.ts';
import { isControlPlane, poolOf } from '../pools.ts';
import type { PoolPolicy } from '../policy.ts';
import type { AgentView, NodeView } from '../ports.ts';
import type { Need, Reboot } from '../reboot.ts';
import { type PoolReading, readSignals, reportOf } from '../signals.ts';
import { toTimestamp } from '../time.ts';
import type { ServiceDeps } from './deps.ts';

/** The signals of the node's pool. A node of no pool is told about all the same, by its sentinel. */
export const readNow = (
  deps: ServiceDeps,
  node: NodeView,
  agent: AgentView | undefined,
  pool = poolOf(deps.policy(), node),
): readonly PoolReading[] =>
  readSignals(pool?.signals ?? [sentinelSignal], {
    node,
    report: reportOf(node, agent),
    now: deps.clock.now(),
  });

/** A Reboot of the node's present boot, before anybody has decided. */
export function newReboot(
  deps: ServiceDeps,
  {
    node,
    report,
    pool,
    need,
  }: { readonly node: NodeView; readonly report: NodeReport; readonly pool: PoolPolicy; readonly need: Need },
): Omit<Reboot, 'version' | 'createdAt'> {
  const zone = node.labels[zoneLabel];
  return {
    name: rebootName(node, node.bootId, deps.digest),
    node: { name: node.name, uid: node.uid },
    bootId: node.bootId,
    pool: pool.name,
    need,
    facts: {
      osImage: node.osImage,
      controlPlane: isControlPlane(node),
      ...(zone === undefined ? {} : { zone }),
      ...(report.bootedAt === undefined ? {} : { bootedAt: report.bootedAt }),
    },
    state: { phase: 'Pending', since: toTimestamp(deps.clock.now()), approvals: [] },
    chat: { replies: {} },
    history: [],
  };
}
