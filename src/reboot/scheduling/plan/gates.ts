/** All gates of the plan. */
import { blockerFacts } from '../blockers/blocker-facts.ts';
import type { Blocker, BlockerCode } from '../blockers/blockers.ts';
import type { Gate } from '../gates/gate.ts';
import { chatAway } from '../gates/chat-away.ts';
import { controlPlaneLast } from '../gates/limits/control-plane.ts';
import { wouldNotFinish } from '../gates/finish-in-window.ts';
import { leaving } from '../gates/node/leaving.ts';
import { nodeNotReady } from '../gates/node/node-not-ready.ts';
import { observedOnly } from '../gates/observed-only.ts';
import { outsideWindow } from '../gates/outside-window.ts';
import { packagesChanging } from '../gates/node/packages-changing.ts';
import { paused } from '../gates/paused.ts';
import { poolHalted } from '../gates/limits/pool-halted.ts';
import { rebootLoop } from '../gates/node/reboot-loop.ts';
import { haltOfOthers, rolloutWaits } from '../gates/limits/rollout-stage.ts';
import { ruleWithdrawn } from '../gates/node/rule-withdrawn.ts';
import { tooSoon } from '../gates/limits/spacing.ts';
import { outsidePool, staleView } from '../gates/stale-view.ts';
import { drainUndone } from '../gates/node/undone.ts';
import { ledgerUnreadable, recordUnreadable } from '../gates/unreadable-records.ts';
import { tooManyOut } from '../gates/limits/room.ts';
import { noTurn } from '../gates/limits/turn-limits.ts';

/** Infers the codes of a row, so that its function can return no others. */
const gate = <Code extends BlockerCode>(row: Gate<Code>): Gate<Code> => row;

/** In the order in which people should read the blockers. */
const rows = [
  gate({
    name: 'the ledger can be read',
    codes: ['ledger-unreadable'],
    holdsControlPlane: 'yes',
    judge: (_, situation) => ledgerUnreadable(situation),
  }),
  gate({
    name: 'the records of nodes that are out can be read',
    codes: ['record-unreadable'],
    holdsControlPlane: 'yes',
    judge: recordUnreadable,
  }),
  gate({
    name: 'the pool is not only observed',
    codes: ['observed-only'],
    holdsControlPlane: 'no',
    judge: (_, situation) => observedOnly(situation),
  }),
  gate({ name: 'no pause', codes: ['paused'], holdsControlPlane: 'no', judge: paused }),
  gate({
    name: 'the node watch is alive',
    codes: ['stale-view'],
    holdsControlPlane: 'until-approved',
    judge: (_, situation) => staleView(situation),
  }),
  gate({
    name: 'Slack can be reached',
    codes: ['chat-away'],
    holdsControlPlane: 'until-approved',
    judge: (_, situation) => chatAway(situation),
  }),
  gate({
    name: 'the node belongs to the pool',
    codes: ['stale-view', 'unknown-pool'],
    holdsControlPlane: 'no',
    judge: outsidePool,
  }),
  gate({
    name: 'the node is Ready',
    codes: ['node-not-ready'],
    holdsControlPlane: 'until-approved',
    judge: nodeNotReady,
  }),
  gate({ name: 'the node stays', codes: ['node-leaving'], holdsControlPlane: 'no', judge: leaving }),
  gate({
    name: 'no package manager runs',
    codes: ['packages-changing'],
    holdsControlPlane: 'until-approved',
    judge: packagesChanging,
  }),
  gate({
    name: 'a window is open',
    codes: ['outside-window', 'calendar-unread'],
    holdsControlPlane: 'until-approved',
    judge: outsideWindow,
  }),
  gate({
    name: 'it fits into the window',
    codes: ['would-not-finish'],
    holdsControlPlane: 'until-approved',
    judge: wouldNotFinish,
  }),
  gate({
    name: 'no reboot loop',
    codes: ['reboot-loop'],
    holdsControlPlane: 'until-approved',
    judge: rebootLoop,
  }),
  gate({
    name: 'the rule that approved it is in force',
    codes: ['rule-withdrawn'],
    holdsControlPlane: 'until-approved',
    judge: ruleWithdrawn,
  }),
  gate({
    name: 'its drain may be tried again',
    codes: ['drain-undone', 'drain-needs-person'],
    holdsControlPlane: 'until-approved',
    judge: drainUndone,
  }),
  gate({ name: 'spacing', codes: ['too-soon'], holdsControlPlane: 'soon', judge: tooSoon }),
  gate({ name: 'rollout stage', codes: ['rollout-waits'], holdsControlPlane: 'soon', judge: rolloutWaits }),
  gate({
    name: 'the rollout is not halted',
    codes: ['rollout-halted'],
    holdsControlPlane: 'until-approved',
    judge: haltOfOthers,
  }),
  gate({
    name: 'the pool is not halted',
    codes: ['pool-halted'],
    holdsControlPlane: 'no',
    judge: poolHalted,
  }),
  gate({
    name: 'the control plane goes last',
    codes: ['control-plane-last'],
    holdsControlPlane: 'yes',
    judge: (reboot, situation): Blocker<'control-plane-last'> | undefined =>
      controlPlaneLast(reboot, situation, gates),
  }),
  gate({
    name: 'a turn is free',
    codes: ['turn-taken', 'zone-busy', 'cluster-turns-taken', 'control-plane-busy'],
    holdsControlPlane: 'yes',
    judge: noTurn,
  }),
  gate({
    name: 'the pool has room',
    codes: ['too-many-out'],
    holdsControlPlane: 'yes',
    judge: tooManyOut,
  }),
];

/** The codes that a gate of the plan has to find. */
type PlanCode = {
  [Code in BlockerCode]: (typeof blockerFacts)[Code]['foundBy'] extends 'plan' ? Code : never;
}[BlockerCode];
type Missing = Exclude<PlanCode, (typeof rows)[number]['codes'][number]>;

/** Does not compile while a code of the plan is in no row: the error names it. */
export const gates: readonly Gate[] = rows satisfies [Missing] extends [never]
  ? readonly Gate[]
  : { readonly noRowHas: Missing };
