import type { Halt } from '../blockers/blockers.ts';
import type { LedgerState, Turn } from './ledger.ts';
import type { Pause } from './pauses.ts';
import type { PackageWork } from '../../nodes/node-report.ts';
import { zoneLabel } from '../../nodes/node-contract.ts';
import { poolFinder } from '../../policy/pools.ts';
import type { NodeView } from '../../nodes/node-view.ts';
import type { Policy, PoolPolicy } from '../../policy/policy.ts';
import type { Reboot } from '../../state/reboot.ts';
import type { Rollout } from '../../rollout/rollout.ts';
import { type Instant, toTimestamp } from '../../time/time.ts';
import type { Unreadable } from '../../words/unreadable.ts';
import type { Known } from './known.ts';

/** The input of a plan. */
export interface Snapshot {
  readonly nodes: readonly NodeView[];
  readonly reboots: readonly Reboot[];
  readonly ledger: LedgerState;
  /** Why the ledger cannot be read. Then `ledger` is empty and nothing starts. */
  readonly ledgerProblem?: string;
  /** Reboots whose records cannot be read: their phases are unknown. */
  readonly unreadable?: readonly Unreadable[];
  /** When the node watch last received anything, bookmarks included. */
  readonly heardAt: Instant;
  readonly pauses: readonly Pause[];
  /** By node name: a package manager that is running there. */
  readonly packageWork?: ReadonlyMap<string, PackageWork>;
  /** Names of nodes that run Tugboot itself or its queue: they go last. */
  readonly ownNodes: readonly string[];
  /** Since when Slack is unreachable; absent while it is reachable. */
  readonly chatAwaySince?: Instant;
}

export type Members = ReadonlyMap<string, readonly NodeView[]>;

/** The nodes of each pool. A node belongs to the first pool whose selector matches it. */
export function membersOf({ nodes }: Pick<Snapshot, 'nodes'>, policy: Policy): Members {
  const find = poolFinder(policy);
  const members = new Map<string, NodeView[]>();
  for (const node of nodes) {
    const name = find(node)?.name;
    if (name === undefined) continue;
    const known = members.get(name);
    if (known) known.push(node);
    else members.set(name, [node]);
  }
  return members;
}

/** The input of a gate for one approved Reboot. */
export interface Situation {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly pool: PoolPolicy;
  readonly members: Members;
  readonly known: Known;
  readonly now: Instant;
  /** What halts a rollout, by rollout key: taken from Reboots earlier in the order. */
  readonly halts?: ReadonlyMap<string, Halt>;
  /** A cache of rollouts by rollout key: a pool of a thousand nodes is one rollout. */
  readonly rollouts?: Map<string, Rollout>;
  /** A cache of what follows from these turns, for all Reboots of a pool: see once.ts. */
  readonly forTurns?: Map<string, unknown>;
}

/**
 * The node's value of the pool's topology label (default: the zone label); undefined where the node has none.
 */
export const zoneOf = (node: Pick<NodeView, 'labels'>, pool: PoolPolicy): string | undefined =>
  node.labels[pool.topology?.label ?? zoneLabel];

/** The turn that a Reboot would take now. */
export function turnFor(
  reboot: Reboot,
  {
    pool,
    nodes,
    now,
  }: { readonly pool: PoolPolicy; readonly nodes: readonly NodeView[]; readonly now: Instant },
): Turn {
  const node = nodes.find(({ name }) => name === reboot.node.name);
  const zone = node ? zoneOf(node, pool) : reboot.facts.zone;
  return {
    reboot: reboot.name,
    node: reboot.node.name,
    pool: reboot.pool,
    controlPlane: reboot.facts.controlPlane,
    ...(zone === undefined ? {} : { zone }),
    since: toTimestamp(now),
  };
}
