/**
 * Decides which approved Reboots may start now, and names the blockers of the others. Pure: the same snapshot
 * gives the same plan.
 */
import type { Blocker, Halt } from '../blockers/blockers.ts';
import { answersOf } from '../gates/gate.ts';
import { gates } from './gates.ts';
import { knownOf } from '../snapshot/known.ts';
import { haltOf, asFound, gateCheck, isBlockedByGates } from '../../state/stored-blockers.ts';
import { type Members, membersOf, type Situation, type Snapshot, turnFor } from '../snapshot/snapshot.ts';
import { unknownPool } from '../gates/stale-view.ts';
import { withTurn } from '../snapshot/ledger.ts';
import { startQueue } from './start-queue.ts';
import { poolNamed } from '../../policy/pools.ts';
import type { Policy } from '../../policy/policy.ts';
import type { In } from '../../state/reboot.ts';
import { type Rollout, rolloutKey } from '../../rollout/rollout.ts';
import type { Instant } from '../../time/time.ts';

export interface Plan {
  /** Names of Reboots to start, in order. */
  readonly starts: readonly string[];
  /**
   * For every approved Reboot that does not start: its blockers, in the order in which people should read
   * them.
   */
  readonly blocked: ReadonlyMap<string, readonly Blocker[]>;
}

export function plan(snapshot: Snapshot, policy: Policy, now: Instant): Plan {
  const starts: string[] = [];
  const blocked = new Map<string, readonly Blocker[]>();
  for (const { reboot, blockers } of judged(snapshot, policy, now)) {
    if (blockers.length > 0) blocked.set(reboot.name, blockers);
    else starts.push(reboot.name);
  }
  return { starts, blocked };
}

/** Whether the plan starts this one. The Reboots after it in the order are not judged. */
export function mayStart(name: string, snapshot: Snapshot, policy: Policy, now: Instant): boolean {
  for (const { reboot, blockers } of judged(snapshot, policy, now))
    if (reboot.name === name) return blockers.length === 0;
  return false;
}

interface Judged {
  readonly reboot: In<'Approved'>;
  /** Empty: it starts, and those after it count its turn. */
  readonly blockers: readonly Blocker[];
}

/** The approved Reboots in their order, each judged after those before it. */
function* judged(snapshot: Snapshot, policy: Policy, now: Instant): Generator<Judged, void, undefined> {
  const approved = startQueue(snapshot, policy);
  if (approved.length === 0) return;
  const members: Members = membersOf(snapshot, policy);
  const known = knownOf(snapshot, members, policy.departing);
  const halts = new Map<string, Halt>();
  const rollouts = new Map<string, Rollout>();
  let { ledger } = snapshot;
  let current = snapshot;
  let forTurns = new Map<string, unknown>();
  for (const reboot of approved) {
    const pool = poolNamed(policy, reboot.pool);
    const situation = { snapshot: current, policy, members, known, now, halts, rollouts, forTurns };
    const blockers = pool ? blockersOf(reboot, { ...situation, pool }) : [unknownPool(reboot)];
    const halt = haltOf(reboot);
    if (halt) halts.set(rolloutKey(reboot), halt);
    yield { reboot, blockers };
    const node = known.nodes.get(reboot.node.name);
    if (blockers.length > 0 || !pool || !node) continue;
    ledger = withTurn(ledger, turnFor(reboot, { pool, nodes: [node], now }));
    current = { ...snapshot, ledger };
    forTurns = new Map();
  }
}

/**
 * The blockers stored by the last gate check. A cleared check does not block: the gates are checked again
 * before the start.
 */
const storedBlockers = ({ state }: In<'Approved'>): readonly Blocker[] =>
  isBlockedByGates(state) ? (gateCheck(state)?.blockers ?? []).map(asFound) : [];

/**
 * A Reboot that holds a turn from before a crash is checked like any other: conditions may have changed
 * since.
 */
function blockersOf(reboot: In<'Approved'>, situation: Situation): readonly Blocker[] {
  const found: Blocker[] = [];
  for (const gate of gates) found.push(...answersOf(gate.judge(reboot, situation)));
  found.push(...storedBlockers(reboot));
  return found;
}
