import { departureOf } from '../nodes/departure.ts';
import type { Departing } from '../policy/policy.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Instant, toInstant } from '../ports/time.ts';
import { byNode } from './by-node.ts';

/** A Reboot that had disturbed its node and came to its end. */
export interface Ended {
  readonly reboot: Reboot;
  readonly at: Instant;
}

/**
 * What the gates look up again and again, put in order once for a plan: it may be made for thousands of
 * nodes.
 */
export interface Known {
  readonly nodes: ReadonlyMap<string, NodeView>;
  /** By pool: the names of its nodes. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>>;
  /** By pool: its nodes that are out of service, turns apart, and why. */
  readonly out: ReadonlyMap<string, ReadonlyMap<string, string>>;
  /** By pool: the Reboot whose failure halts it. */
  readonly halts: ReadonlyMap<string, Reboot>;
  /** By pool, and by UID of the node, the last one first. */
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
    .filter((reboot) => isIn(reboot, 'Failed') && reboot.state.givenUp === undefined)
    .sort(byNode)
    .toReversed();
  return {
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

/**
 * When a Reboot that had disturbed its node came to its end; undefined where it is not over, or never began.
 */
function endedAt(reboot: Reboot): Instant | undefined {
  if (isIn(reboot, 'Succeeded')) return toInstant(reboot.state.since);
  if (isIn(reboot, 'Failed') && reboot.state.givenUp) return toInstant(reboot.state.givenUp.at);
  if (isIn(reboot, 'Cancelled') && (reboot.state.from === 'Draining' || reboot.state.from === 'Rebooting'))
    return toInstant(reboot.state.since);
  return undefined;
}
