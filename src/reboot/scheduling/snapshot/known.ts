import { departureOf } from '../../policy/departure.ts';
import type { Departing } from '../../policy/policy.ts';
import type { NodeView } from '../../nodes/node-view.ts';
import { isIn, type Reboot } from '../../state/reboot.ts';
import { type Instant, toInstant } from '../../time/time.ts';
import { byNode } from './by-node.ts';

/** A Reboot that disturbed its node and has ended. */
export interface Ended {
  readonly reboot: Reboot;
  readonly at: Instant;
}

/** Indexes over the snapshot for the gates, built once for each plan: a plan may cover thousands of nodes. */
export interface Known {
  /** By name. */
  readonly reboots: ReadonlyMap<string, Reboot>;
  /** By node, so that every replica names the same one. */
  readonly sortedByNode: readonly Reboot[];
  readonly nodes: ReadonlyMap<string, NodeView>;
  /** By pool: the names of its member nodes. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** By pool: its nodes that are out of service regardless of turns, each with the reason. */
  readonly out: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By pool: the failed Reboot that halts it. */
  readonly halts: ReadonlyMap<string, Reboot>;
  /** `endedIn` by pool, `endedOn` by node UID; the latest first. */
  readonly endedIn: ReadonlyMap<string, readonly Ended[]>;
  readonly endedOn: ReadonlyMap<string, readonly Ended[]>;
}

export function knownOf(
  { nodes, reboots }: { readonly nodes: readonly NodeView[]; readonly reboots: readonly Reboot[] },
  members: ReadonlyMap<string, readonly NodeView[]>,
  departing: Departing,
): Known {
  const ended = reboots
    .flatMap((reboot) => {
      const at = endedAt(reboot);
      return at === undefined ? [] : [{ reboot, at }];
    })
    .sort((a, b) => b.at - a.at || byNode(a.reboot, b.reboot));
  const halting = reboots
    .filter((reboot) => isIn(reboot, 'Failed'))
    .sort(byNode)
    .toReversed();
  return {
    reboots: new Map(reboots.map((reboot) => [reboot.name, reboot])),
    sortedByNode: reboots.toSorted(byNode),
    nodes: new Map(nodes.map((node) => [node.name, node])),
    members: mapped(members, (own) => new Set(own.map(({ name }) => name))),
    out: mapped(members, (own) => new Map(own.flatMap((node) => whyOut(node, departing)))),
    halts: new Map(halting.map((reboot) => [reboot.pool, reboot])),
    endedIn: Map.groupBy(ended, ({ reboot }) => reboot.pool),
    endedOn: Map.groupBy(ended, ({ reboot }) => reboot.node.uid),
  };
}

const mapped = <K, V, W>(from: ReadonlyMap<K, V>, change: (value: V) => W): ReadonlyMap<K, W> =>
  new Map([...from].map(([key, value]) => [key, change(value)]));

function whyOut(node: NodeView, departing: Departing): readonly (readonly [string, string])[] {
  const { name, ready, unschedulable } = node;
  if (!ready) return [[name, 'is not Ready']];
  if (unschedulable) return [[name, 'is cordoned']];
  const departure = departureOf(node, departing);
  return departure === undefined ? [] : [[name, departure]];
}

/** When a Reboot that disturbed its node ended; undefined where it has not ended, or never started. */
function endedAt(reboot: Reboot): Instant | undefined {
  if (isIn(reboot, 'Succeeded', 'GivenUp')) return toInstant(reboot.state.since);
  if (isIn(reboot, 'Cancelled') && (reboot.state.from === 'Draining' || reboot.state.from === 'Rebooting'))
    return toInstant(reboot.state.since);
  return undefined;
}
