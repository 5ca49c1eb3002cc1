import type { Blocker } from '../blockers.ts';
import type { In } from '../reboot.ts';
import { chatAway } from './chat-away.ts';
import { nodeNotReady } from './node-not-ready.ts';
import { packagesChanging } from './packages-changing.ts';
import { paused } from './paused.ts';
import { wouldNotFinish } from './finish-in-window.ts';
import { leaving } from './leaving.ts';
import { poolHalted } from './pool-halted.ts';
import { rebootLoop } from './reboot-loop.ts';
import { rolloutHalted, rolloutWaits } from './rollout.ts';
import { ruleWithdrawn } from './rule-withdrawn.ts';
import { tooSoon } from './spacing.ts';
import { drainUndone } from './undone.ts';
import { outsidePool, staleView } from './view.ts';
import { outsideWindow } from './window.ts';
import type { Situation } from './situation.ts';

/**
 * What keeps a Reboot from its start beside turns, room and the order of nodes, as people read it. The plan asks each one, and a control-plane node
 * each worker that it goes after: one that has a blocker of its own is not about to start.
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
    rolloutHalted(reboot, situation),
    poolHalted(reboot, situation),
  ].filter((blocker) => blocker !== undefined);
