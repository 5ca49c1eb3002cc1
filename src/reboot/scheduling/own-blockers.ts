import type { Blocker } from './blockers.ts';
import type { In } from '../state/reboot.ts';
import { chatAway } from './gates/chat-away.ts';
import { nodeNotReady } from './gates/node-not-ready.ts';
import { packagesChanging } from './gates/packages-changing.ts';
import { paused } from './gates/paused.ts';
import { wouldNotFinish } from './gates/finish-in-window.ts';
import { leaving } from './gates/leaving.ts';
import { poolHalted } from './gates/pool-halted.ts';
import { rebootLoop } from './gates/reboot-loop.ts';
import { haltOfOthers, rolloutWaits } from './gates/rollout-stage.ts';
import { ruleWithdrawn } from './gates/rule-withdrawn.ts';
import { tooSoon } from './gates/spacing.ts';
import { drainUndone } from './gates/undone.ts';
import { outsidePool, staleView } from './gates/stale-view.ts';
import { outsideWindow } from './gates/outside-window.ts';
import type { Situation } from './snapshot.ts';

/**
 * The blockers of one Reboot, except turns, room and node order, in the order in which people read them. Used
 * by the plan, and for each worker that a control-plane node goes after: a worker with a blocker of its own
 * is not about to start.
 */
export const ownBlockers = (reboot: In<'Approved'>, situation: Situation): readonly Blocker[] =>
  [
    ...paused(reboot, situation),
    staleView(situation),
    chatAway(situation),
    outsidePool(reboot, situation),
    nodeNotReady(reboot, situation),
    leaving(reboot, situation),
    packagesChanging(reboot, situation),
    outsideWindow(reboot, situation),
    wouldNotFinish(reboot, situation),
    rebootLoop(reboot, situation),
    ruleWithdrawn(reboot, situation),
    drainUndone(reboot, situation),
    ...tooSoon(reboot, situation),
    rolloutWaits(reboot, situation),
    haltOfOthers(reboot, situation),
    poolHalted(reboot, situation),
  ].filter((blocker) => blocker !== undefined);
