/**
 * Decides what may start now, and says of everything else why not. Pure: the same snapshot gives the same plan.
 */
import type { Blocker } from './blockers.ts';
import { chatAway } from './gates/chat-away.ts';
import { controlPlaneLast } from './gates/control-plane.ts';
import { knownOf } from './gates/known.ts';
import { nodeNotReady } from './gates/node-not-ready.ts';
import { paused } from './gates/paused.ts';
import { wouldNotFinish } from './gates/finish-in-window.ts';
import { leaving } from './gates/leaving.ts';
import { poolHalted } from './gates/pool-halted.ts';
import { rebootLoop } from './gates/reboot-loop.ts';
import { haltOf, rolloutHalted, rolloutWaits } from './gates/rollout.ts';
import { tooManyOut } from './gates/room.ts';
import { ruleWithdrawn } from './gates/rule-withdrawn.ts';
import { type Members, membersOf, type Situation, type Snapshot, turnFor } from './gates/situation.ts';
import { tooSoon } from './gates/spacing.ts';
import { drainUndone } from './gates/undone.ts';
import { noTurn } from './gates/turns.ts';
import { outsidePool, staleView, unknownPool } from './gates/view.ts';
import { outsideWindow } from './gates/window.ts';
import { withTurn } from './ledger.ts';
import { inOrder } from './order.ts';
import { poolNamed } from './pools.ts';
import type { Policy } from './policy.ts';
import type { In } from './reboot.ts';
import { type Rollout, rolloutKey } from './rollout.ts';
import type { Instant } from './time.ts';

export interface Plan {
  /** Names of Reboots to start, in order. */
  readonly starts: readonly string[];
  /** For every approved Reboot that does not start: why, in the order in which people should read it. */
  readonly blocked: ReadonlyMap<string, readonly Blocker[]>;
}

export function plan(snapshot: Snapshot, policy: Policy, now: Instant): Plan {
  const starts: string[] = [];
  const blocked = new Map<string, readonly Blocker[]>();
  const approved = inOrder(snapshot, policy);
  const members: Members = approved.length === 0 ? new Map() : membersOf(snapshot, policy);
  const known = knownOf(snapshot, members, policy.departing);
  const halts = new Map<string, Blocker>();
  const rollouts = new Map<string, Rollout>();
  let { ledger } = snapshot;
  for (const reboot of approved) {
    const pool = poolNamed(policy, reboot.pool);
    const blockers = pool
      ? blockersOf(reboot, {
          snapshot: { ...snapshot, ledger },
          policy,
          pool,
          members,
          known,
          now,
          halts,
          rollouts,
        })
      : [unknownPool(reboot)];
    const halt = haltOf(reboot);
    if (halt) halts.set(rolloutKey(reboot), halt);
    if (blockers.length > 0) {
      blocked.set(reboot.name, blockers);
      continue;
    }
    starts.push(reboot.name);
    const node = known.nodes.get(reboot.node.name);
    if (pool && node) ledger = withTurn(ledger, turnFor(reboot, { pool, nodes: [node], now }));
  }
  return { starts, blocked };
}

/** An answer that is out of date holds nobody: it is asked for again. */
const heldBy = ({ state: { held } }: In<'Approved'>): readonly Blocker[] =>
  held === undefined || held.cleared !== undefined ? [] : held.blockers;

/** Whoever holds a turn already, since a crash came between, is judged like everybody else: much may have happened since. */
function blockersOf(reboot: In<'Approved'>, situation: Situation): readonly Blocker[] {
  return [
    ...paused(reboot, situation),
    staleView(situation),
    chatAway(situation),
    outsidePool(reboot, situation),
    nodeNotReady(reboot, situation),
    leaving(reboot, situation),
    outsideWindow(reboot, situation),
    wouldNotFinish(reboot, situation),
    rebootLoop(reboot, situation),
    ruleWithdrawn(reboot, situation),
    drainUndone(reboot, situation),
    ...tooSoon(reboot, situation),
    rolloutWaits(reboot, situation),
    rolloutHalted(reboot, situation),
    poolHalted(reboot, situation),
    controlPlaneLast(reboot, situation),
    noTurn(reboot, situation),
    tooManyOut(reboot, situation),
    ...heldBy(reboot),
  ].filter((blocker) => blocker !== undefined);
}
