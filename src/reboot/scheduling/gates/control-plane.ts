import { automaticApproval } from '../automatic-approval.ts';
import type { Blocker, BlockerCode } from '../blockers.ts';
import { poolNamed } from '../../policy/pools.ts';
import { type In, isIn, type Reboot } from '../../state/reboot.ts';
import { hour, type Instant } from '../../ports/time.ts';
import { standingOf } from '../../words/words.ts';
import { byNode } from '../by-node.ts';
import { leaving } from './leaving.ts';
import { ownBlockers } from '../own-blockers.ts';
import { paused } from './paused.ts';
import { poolHalted } from './pool-halted.ts';
import { isRoomTakenByOthers } from '../room.ts';
import type { Situation } from '../snapshot.ts';
import { outsidePool } from './stale-view.ts';

/**
 * Control-plane nodes go after workers: they wait while a worker is under way, or may start as soon as there
 * is a turn.
 */
export function controlPlaneLast(
  reboot: Reboot,
  { snapshot, policy, members, known, now, halts }: Situation,
): Blocker | undefined {
  if (!reboot.facts.controlPlane) return undefined;
  const worker = snapshot.reboots.toSorted(byNode).find((other) => {
    if (other.facts.controlPlane) return false;
    if (isIn(other, 'Draining', 'Undoing', 'Rebooting', 'Settling')) return true;
    const pool = poolNamed(policy, other.pool);
    if (!pool) return false;
    const situation = { snapshot, policy, pool, members, known, now, ...(halts ? { halts } : {}) };
    return isIn(other, 'Approved') ? mayStartSoon(other, situation) : isAboutToBeApproved(other, situation);
  });
  if (!worker) return undefined;
  return {
    code: 'control-plane-last',
    sentence: `Control-plane nodes go after workers, and ${worker.node.name} ${standingOf(worker.state.phase)}.`,
    clears: 'It starts when no worker is under way or about to start.',
  };
}

/**
 * When a window opens, the rule approves its Reboots one by one. Without this check a control-plane node that
 * happens to be approved first would start before the workers.
 */
const isAboutToBeApproved = (reboot: Reboot, situation: Situation): boolean =>
  (automaticApproval(reboot, situation.pool, situation.now)?.at ?? Number.POSITIVE_INFINITY) <=
    situation.now &&
  [
    ...paused(reboot, situation),
    outsidePool(reboot, situation),
    leaving(reboot, situation),
    poolHalted(reboot, situation),
  ].every((blocker) => blocker === undefined);

/**
 * A spacing wait that ends within this time does not change the order: workers of a pool whose reboots are an
 * hour apart still go before the control plane.
 */
const soon = hour;
const spacing: ReadonlySet<BlockerCode> = new Set(['too-soon', 'rollout-waits'] as const);

const endsSoon = ({ code, until }: Blocker, now: Instant): boolean =>
  spacing.has(code) && until !== undefined && until - now <= soon;

/**
 * A worker that waits for a person, for next week's window, or for a blocker of its own, does not delay
 * control-plane nodes. A missing turn, and room taken by turns, do not count as such blockers: they clear
 * when another reboot ends.
 */
const mayStartSoon = (reboot: In<'Approved'>, situation: Situation): boolean =>
  (reboot.state.held === undefined || reboot.state.held.cleared !== undefined) &&
  ownBlockers(reboot, situation).every((blocker) => endsSoon(blocker, situation.now)) &&
  !isRoomTakenByOthers(reboot, situation);
