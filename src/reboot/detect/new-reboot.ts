import { zoneLabel } from '../nodes/node-contract.ts';
import type { NodeReport } from '../nodes/node-report.ts';
import { rebootName } from '../nodes/reboot-name.ts';
import { sentinelSignal } from '../policy/pool-signal.ts';
import { isControlPlane, poolOf } from '../policy/pools.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { AgentView } from '../nodes/observation.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Need } from '../state/need.ts';
import type { Reboot } from '../state/reboot.ts';
import { type PoolReading, readSignals, reportOf } from '../signals/signals.ts';
import { toTimestamp } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** The current readings of the pool's signals. A node in no pool is read by its sentinel. */
export const currentReadings = (
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

/** A Pending Reboot for the node's current boot. */
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
    name: rebootName(node, node.bootId, deps.hash),
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
