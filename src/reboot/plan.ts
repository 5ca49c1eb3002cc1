/**
 * Decides what may start now, and says of everything else why not. Pure: the same snapshot gives the same plan.
 */
import type { Blocker } from './blockers.ts';
import { admit, type LedgerState, type PoolRoom, type Turn, withTurn } from './ledger.ts';
import { mostOut, poolFinder, poolNamed } from './pools.ts';
import type { NodeView } from './ports.ts';
import type { Policy, PoolPolicy } from './policy.ts';
import type { In, Reboot } from './reboot.ts';
import { isIn } from './reboot.ts';
import { type Instant, inWords, toInstant, toTimestamp } from './time.ts';
import { nextOfAll, openingLabel } from './windows.ts';
import { standingOf } from './words.ts';

export interface Snapshot {
  readonly nodes: readonly NodeView[];
  readonly reboots: readonly Reboot[];
  readonly ledger: LedgerState;
  /** When the node watch was last heard from. */
  readonly heardAt: Instant;
  /** Nodes that run Tugboot itself or its queue: they go last. */
  readonly ownNodes: readonly string[];
}

export interface Plan {
  /** Names of Reboots to start, in order. */
  readonly starts: readonly string[];
  /** For every approved Reboot that does not start: why, in the order in which people should read it. */
  readonly blocked: ReadonlyMap<string, readonly Blocker[]>;
}

/** An API server sends a bookmark about once a minute; a watch that is silent for longer may be dead. */
const staleAfter = 90_000;

export function turnFor(reboot: Reboot, now: Instant): Turn {
  const { zone } = reboot.facts;
  return {
    reboot: reboot.name,
    node: reboot.node.name,
    pool: reboot.pool,
    controlPlane: reboot.facts.controlPlane,
    ...(zone === undefined ? {} : { zone }),
    since: toTimestamp(now),
  };
}

export function plan(snapshot: Snapshot, policy: Policy, now: Instant): Plan {
  const starts: string[] = [];
  const blocked = new Map<string, readonly Blocker[]>();
  const approved = inOrder(snapshot);
  const members: Members = approved.length === 0 ? new Map() : membersOf(snapshot, policy);
  let { ledger } = snapshot;
  for (const reboot of approved) {
    const pool = poolNamed(policy, reboot.pool);
    const blockers = pool
      ? blockersOf(reboot, { snapshot: { ...snapshot, ledger }, policy, pool, members, now })
      : [unknownPool(reboot)];
    if (blockers.length > 0) {
      blocked.set(reboot.name, blockers);
      continue;
    }
    starts.push(reboot.name);
    ledger = withTurn(ledger, turnFor(reboot, now));
  }
  return { starts, blocked };
}

type Members = ReadonlyMap<string, readonly NodeView[]>;

/** The nodes of each pool: those that an earlier pool owns are not among them, whatever the selector matches. */
function membersOf({ nodes }: Pick<Snapshot, 'nodes'>, policy: Policy): Members {
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

const isOut = (node: NodeView): boolean => !node.ready || node.unschedulable;

/** What a pool can spare now: for the write that takes a turn. */
export function roomOf(snapshot: Pick<Snapshot, 'nodes'>, policy: Policy, pool: PoolPolicy): PoolRoom {
  const members = membersOf(snapshot, policy).get(pool.name) ?? [];
  return {
    members: members.map(({ name }) => name),
    out: members.filter(isOut).map(({ name }) => name),
    mostOut: mostOut(pool, members.length),
  };
}

/** Workers before the control plane, our own nodes last, and inside that the oldest need first. */
function inOrder({ reboots, ownNodes }: Snapshot): readonly In<'Approved'>[] {
  const rank = (reboot: Reboot): number =>
    (reboot.facts.controlPlane ? 2 : 0) + (ownNodes.includes(reboot.node.name) ? 1 : 0);
  return reboots
    .filter((reboot) => isIn(reboot, 'Approved'))
    .sort(
      (a, b) =>
        rank(a) - rank(b) || toInstant(a.need.since) - toInstant(b.need.since) || (a.name < b.name ? -1 : 1),
    );
}

interface Situation {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
  readonly pool: PoolPolicy;
  readonly members: Members;
  readonly now: Instant;
}

/** Whoever holds a turn already, since a crash came between, is judged like everybody else: much may have happened since. */
function blockersOf(reboot: In<'Approved'>, situation: Situation): readonly Blocker[] {
  return [
    staleView(situation),
    outsidePool(reboot, situation),
    outsideWindow(reboot, situation),
    poolHalted(reboot, situation),
    controlPlaneLast(reboot, situation),
    noTurn(reboot, situation),
    tooManyOut(reboot, situation),
  ].filter((blocker) => blocker !== undefined);
}

const unknownPool = (reboot: Reboot): Blocker => ({
  code: 'unknown-pool',
  sentence: `Pool ${reboot.pool} is no longer in the configuration.`,
  clears: 'Name the pool again, or cancel this reboot.',
});

/** What was decided, and by whom, was decided for a node of this pool. */
function outsidePool(reboot: Reboot, { snapshot, members, pool }: Situation): Blocker | undefined {
  const { name } = reboot.node;
  if (members.get(pool.name)?.some((node) => node.name === name) === true) return undefined;
  if (!snapshot.nodes.some((node) => node.name === name)) {
    return {
      code: 'stale-view',
      sentence: `${name} is not among the nodes that were heard of.`,
      clears: 'It goes on when the cluster shows the node.',
    };
  }
  return {
    code: 'unknown-pool',
    sentence: `${name} does not belong to pool ${pool.name} any more.`,
    clears: 'Give the node its labels back, or cancel this reboot.',
  };
}

function staleView({ snapshot, now }: Situation): Blocker | undefined {
  const silent = now - snapshot.heardAt;
  if (silent < staleAfter) return undefined;
  return {
    code: 'stale-view',
    sentence: `Nothing was heard from the cluster for ${inWords(silent)}.`,
    clears: 'It goes on when the cluster answers.',
  };
}

function outsideWindow(reboot: In<'Approved'>, { pool, now }: Situation): Blocker | undefined {
  if (pool.windows.length === 0) return undefined;
  // Said while the window was open; where the pool starts nothing outside, the next opening is meant.
  if (reboot.state.decision.mode === 'now' && pool.approveNowOutsideWindow) return undefined;
  const opening = nextOfAll(pool.windows, now);
  if (!opening)
    return {
      code: 'outside-window',
      sentence: `No window of pool ${pool.name} opens within two weeks.`,
      clears: 'Approve it now, or change the windows.',
    };
  if (opening.opens <= now) return undefined;
  return {
    code: 'outside-window',
    sentence: `Its window opens ${openingLabel(opening)}.`,
    clears: 'It starts when the window opens.',
    until: opening.opens,
  };
}

function poolHalted(reboot: Reboot, { snapshot }: Situation): Blocker | undefined {
  const failed = snapshot.reboots.find(
    (other) => other.pool === reboot.pool && isIn(other, 'Failed') && other.state.givenUp === undefined,
  );
  if (!failed) return undefined;
  return {
    code: 'pool-halted',
    sentence: `The reboot of ${failed.node.name} failed, which halts pool ${reboot.pool}.`,
    clears: `Retry or skip ${failed.node.name}.`,
  };
}

/** Whether a worker is under way, or may start as soon as there is a turn: then the control plane waits. */
function controlPlaneLast(
  reboot: Reboot,
  { snapshot, policy, members, now }: Situation,
): Blocker | undefined {
  if (!reboot.facts.controlPlane) return undefined;
  const worker = snapshot.reboots.find((other) => {
    if (other.facts.controlPlane) return false;
    if (isIn(other, 'Draining', 'Rebooting', 'Settling')) return true;
    const pool = poolNamed(policy, other.pool);
    if (!pool || !isIn(other, 'Approved')) return false;
    const situation = { snapshot, policy, pool, members, now };
    return outsideWindow(other, situation) === undefined && poolHalted(other, situation) === undefined;
  });
  if (!worker) return undefined;
  return {
    code: 'control-plane-last',
    sentence: `Control-plane nodes go after workers, and ${worker.node.name} ${standingOf(worker.state.phase)}.`,
    clears: 'It starts when no worker is under way or about to start.',
  };
}

function noTurn(reboot: Reboot, { snapshot, policy, pool, now }: Situation): Blocker | undefined {
  const result = admit(snapshot.ledger, turnFor(reboot, now), {
    cluster: policy.concurrency,
    pool: pool.concurrency,
  });
  // Without the room of the pool nothing is said of it: tooManyOut names the nodes.
  if (result.taken || result.why === 'too-many-out') return undefined;
  const codes = {
    pool: 'turn-taken',
    cluster: 'cluster-turns-taken',
    'control-plane': 'control-plane-busy',
  } as const;
  return {
    code: codes[result.why],
    sentence: turnsTaken(
      result.holders,
      { pool: `pool ${pool.name}`, cluster: 'the cluster', 'control-plane': 'the control plane' }[result.why],
      snapshot,
    ),
    clears: 'It starts when a turn is free.',
  };
}

function turnsTaken(holders: readonly Turn[], whose: string, snapshot: Snapshot): string {
  const described = holders.map((turn) => describeHolder(turn, snapshot));
  const [only] = described;
  if (only !== undefined && described.length === 1)
    return `${only.node} has the one turn of ${whose}; it ${only.doing}.`;
  return `All ${holders.length} turns of ${whose} are taken: ${described.map(({ node, doing }) => `${node} ${doing}`).join(', ')}.`;
}

/** Without spans that run: a card that waits would be edited with every look at the clock. */
function describeHolder(turn: Turn, snapshot: Snapshot): { node: string; doing: string } {
  const holder = snapshot.reboots.find((reboot) => reboot.name === turn.reboot);
  // Earlier in this very plan: it has its turn, and starts first.
  if (!holder || isIn(holder, 'Approved')) return { node: turn.node, doing: 'goes first' };
  return {
    node: turn.node,
    doing: standingOf(holder.state.phase),
  };
}

function tooManyOut(reboot: Reboot, { snapshot, members: all, pool }: Situation): Blocker | undefined {
  const members = all.get(pool.name) ?? [];
  const turns = new Set(snapshot.ledger.turns.map((turn) => turn.node));
  const out = new Map<string, string>();
  for (const node of members) {
    if (node.name === reboot.node.name) continue;
    if (turns.has(node.name)) out.set(node.name, 'has its turn');
    else if (!node.ready) out.set(node.name, 'is not Ready');
    else if (node.unschedulable) out.set(node.name, 'is cordoned');
  }
  const limit = mostOut(pool, members.length);
  if (out.size < limit) return undefined;
  const named = [...out].map(([name, why]) => `${name} ${why}`).join(', ');
  return {
    code: 'too-many-out',
    sentence: `Pool ${pool.name} may have ${limit} of ${members.length} nodes out of service, and has: ${named}.`,
    clears: 'It starts when one of them is back.',
  };
}
