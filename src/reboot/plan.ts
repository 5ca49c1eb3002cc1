/**
 * Decides what may start now, and says of everything else why not. Pure: the same snapshot gives the same plan.
 */
import type { Blocker } from './blockers.ts';
import { controlPlaneLast } from './gates/control-plane.ts';
import { poolHalted } from './gates/pool-halted.ts';
import { tooManyOut } from './gates/room.ts';
import { type Members, membersOf, type Situation, type Snapshot, turnFor } from './gates/situation.ts';
import { noTurn } from './gates/turns.ts';
import { outsidePool, staleView, unknownPool } from './gates/view.ts';
import { outsideWindow } from './gates/window.ts';
import { withTurn } from './ledger.ts';
import { poolNamed } from './pools.ts';
import type { Policy } from './policy.ts';
import { type In, isIn, type Reboot } from './reboot.ts';
import { type Instant, toInstant } from './time.ts';

export interface Plan {
  /** Names of Reboots to start, in order. */
  readonly starts: readonly string[];
  /** For every approved Reboot that does not start: why, in the order in which people should read it. */
  readonly blocked: ReadonlyMap<string, readonly Blocker[]>;
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
