import { automaticApproval } from '../../../approval/automatic-approval.ts';
import type { Blocker } from '../../blockers/blockers.ts';
import { poolNamed } from '../../../policy/pools.ts';
import { type In, isIn, type Reboot } from '../../../state/reboot.ts';
import { isBlockedByGates } from '../../../state/stored-blockers.ts';
import { hour, type Instant } from '../../../time/time.ts';
import { standingOf } from '../../../words/words.ts';
import { answersOf, type Gate } from '../gate.ts';
import { isRoomTakenByOthers } from './room.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/**
 * Control-plane nodes go after workers: they wait while a worker is under way, or may start as soon as there
 * is a turn.
 */
export function controlPlaneLast(
  reboot: Reboot,
  { snapshot, policy, members, known, now, halts, forTurns }: Situation,
  gates: readonly Gate[],
): Blocker<'control-plane-last'> | undefined {
  if (!reboot.facts.controlPlane) return undefined;
  const worker = known.sortedByNode.find((other) => {
    if (other.facts.controlPlane) return false;
    if (isIn(other, 'Draining', 'Undoing', 'Rebooting', 'Settling')) return true;
    const pool = poolNamed(policy, other.pool);
    if (!pool) return false;
    const situation = {
      snapshot,
      policy,
      pool,
      members,
      known,
      now,
      ...(halts ? { halts } : {}),
      ...(forTurns ? { forTurns } : {}),
    };
    return isIn(other, 'Approved')
      ? mayStartSoon(other, situation, gates)
      : isAboutToBeApproved(other, situation, gates);
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
const isAboutToBeApproved = (reboot: Reboot, situation: Situation, gates: readonly Gate[]): boolean =>
  (automaticApproval(reboot, situation.pool, situation.now)?.at ?? Number.POSITIVE_INFINITY) <=
    situation.now &&
  gates.every(
    (gate) => gate.holdsControlPlane !== 'no' || answersOf(gate.judge(reboot, situation)).length === 0,
  );

/**
 * A spacing wait that ends within this time does not change the order: workers of a pool whose reboots are an
 * hour apart still go before the control plane.
 */
const soon = hour;

const endsSoon = ({ until }: Blocker, now: Instant): boolean => until !== undefined && until - now <= soon;

/**
 * A worker that waits for a person, for next week's window, or for a blocker of its own, does not delay
 * control-plane nodes. A missing turn, and room taken by turns, do not count as such blockers: they clear
 * when another reboot ends.
 */
const mayStartSoon = (reboot: In<'Approved'>, situation: Situation, gates: readonly Gate[]): boolean =>
  !isBlockedByGates(reboot.state) &&
  gates.every((gate) => {
    if (gate.holdsControlPlane === 'yes') return true;
    const blockers = answersOf(gate.judge(reboot, situation));
    return gate.holdsControlPlane === 'soon'
      ? blockers.every((blocker) => endsSoon(blocker, situation.now))
      : blockers.length === 0;
  }) &&
  !isRoomTakenByOthers(reboot, situation);
