/** The facts of every blocker code. Code that treats some blockers differently selects them from here. */
import type { BlockerCode } from './blockers.ts';

export interface BlockerFacts {
  /**
   * What finds it: a gate of the plan (gates.ts); a check of the gatekeeper, which asks the API server or a
   * service before the start; or the state of the Reboot, for those that are not approved.
   */
  readonly foundBy: 'plan' | 'gatekeeper' | 'state';
  /** The nodes that it concerns at the most: this one; those of its pool, or of the control plane; all. */
  readonly scope: 'node' | 'pool' | 'cluster';
  readonly clearedBy: readonly ClearedBy[];
  /** The objects of the API that are watched while it blocks: a change of them can clear it. */
  readonly watched?: 'pods' | 'nodes' | 'budgets';
  /** The button of the card that clears it, offered as long as it blocks. */
  readonly button?: 'approve-now' | 'retry';
  /** It says that the time of the approval has not come. Such blockers do not count against its age. */
  readonly beforeItsTime?: true;
  /** The field of the rollout's view that says the same. */
  readonly inRolloutView?: 'stage' | 'halted' | 'failed';
  /** The setting of a pool's gates that limits the total time for which it blocks. */
  readonly limitedBy?: 'waitForJobs';
  /** The answer to `why` adds who may clear it. */
  readonly namesApprovers?: true;
}

/**
 * `turn`: another Reboot releases its turn. `reboots`: other Reboots end. `person`: a decision in Slack.
 * `operator`: a change of the configuration, of a record or of the node. `outside`: the cluster, the node or
 * a service changes.
 */
export type ClearedBy = 'turn' | 'reboots' | 'time' | 'person' | 'operator' | 'outside';

export const blockerFacts = {
  paused: { foundBy: 'plan', scope: 'cluster', clearedBy: ['person', 'time'] },
  'observed-only': { foundBy: 'plan', scope: 'pool', clearedBy: ['operator'] },
  'node-not-ready': { foundBy: 'plan', scope: 'node', clearedBy: ['outside', 'person'] },
  'pods-in-the-way': { foundBy: 'gatekeeper', scope: 'node', clearedBy: ['outside'], watched: 'pods' },
  'pods-ask-to-stay': { foundBy: 'gatekeeper', scope: 'node', clearedBy: ['outside'], watched: 'pods' },
  'pods-unhealthy': { foundBy: 'gatekeeper', scope: 'pool', clearedBy: ['outside'], watched: 'pods' },
  'jobs-running': {
    foundBy: 'gatekeeper',
    scope: 'node',
    clearedBy: ['outside', 'time'],
    watched: 'pods',
    limitedBy: 'waitForJobs',
  },
  'control-plane-unhealthy': {
    foundBy: 'gatekeeper',
    scope: 'pool',
    clearedBy: ['outside'],
    watched: 'nodes',
  },
  'alerts-firing': { foundBy: 'gatekeeper', scope: 'pool', clearedBy: ['outside'] },
  'query-not-empty': { foundBy: 'gatekeeper', scope: 'pool', clearedBy: ['outside'] },
  'webhook-refused': { foundBy: 'gatekeeper', scope: 'node', clearedBy: ['outside'] },
  'gate-unreachable': { foundBy: 'gatekeeper', scope: 'pool', clearedBy: ['outside'] },
  'drain-undone': {
    foundBy: 'plan',
    scope: 'node',
    clearedBy: ['time', 'outside', 'person'],
    watched: 'budgets',
    button: 'retry',
  },
  'drain-needs-person': { foundBy: 'plan', scope: 'node', clearedBy: ['person'], button: 'retry' },
  'too-soon': { foundBy: 'plan', scope: 'pool', clearedBy: ['time'] },
  'reboot-loop': { foundBy: 'plan', scope: 'node', clearedBy: ['person'], button: 'approve-now' },
  'rule-withdrawn': {
    foundBy: 'plan',
    scope: 'node',
    clearedBy: ['person', 'operator'],
    button: 'approve-now',
  },
  'would-not-finish': {
    foundBy: 'plan',
    scope: 'pool',
    clearedBy: ['time', 'person', 'operator'],
    button: 'approve-now',
  },
  'zone-busy': { foundBy: 'plan', scope: 'pool', clearedBy: ['turn'] },
  'rollout-waits': {
    foundBy: 'plan',
    scope: 'pool',
    clearedBy: ['reboots', 'time'],
    beforeItsTime: true,
    inRolloutView: 'stage',
  },
  'rollout-halted': {
    foundBy: 'gatekeeper',
    scope: 'pool',
    clearedBy: ['outside', 'person'],
    inRolloutView: 'halted',
  },
  'approvals-missing': {
    foundBy: 'state',
    scope: 'node',
    clearedBy: ['person', 'time'],
    namesApprovers: true,
  },
  'decision-lapsed': { foundBy: 'state', scope: 'node', clearedBy: ['person'] },
  snoozed: { foundBy: 'state', scope: 'node', clearedBy: ['time', 'person'] },
  denied: { foundBy: 'state', scope: 'node', clearedBy: ['outside', 'person'] },
  failed: { foundBy: 'state', scope: 'node', clearedBy: ['person'] },
  'outside-window': {
    foundBy: 'plan',
    scope: 'pool',
    clearedBy: ['time', 'person', 'operator'],
    beforeItsTime: true,
  },
  'calendar-unread': {
    foundBy: 'plan',
    scope: 'pool',
    clearedBy: ['outside', 'operator'],
    beforeItsTime: true,
  },
  'pool-halted': { foundBy: 'plan', scope: 'pool', clearedBy: ['person'], inRolloutView: 'failed' },
  'turn-taken': { foundBy: 'plan', scope: 'pool', clearedBy: ['turn'] },
  'cluster-turns-taken': { foundBy: 'plan', scope: 'cluster', clearedBy: ['turn'] },
  'control-plane-busy': { foundBy: 'plan', scope: 'pool', clearedBy: ['turn'] },
  'control-plane-last': { foundBy: 'plan', scope: 'pool', clearedBy: ['reboots'] },
  'node-leaving': { foundBy: 'plan', scope: 'node', clearedBy: ['outside'] },
  'packages-changing': { foundBy: 'plan', scope: 'node', clearedBy: ['outside', 'person'] },
  'too-many-out': { foundBy: 'plan', scope: 'pool', clearedBy: ['turn', 'outside', 'operator'] },
  'ledger-unreadable': { foundBy: 'plan', scope: 'cluster', clearedBy: ['operator'] },
  'record-unreadable': { foundBy: 'plan', scope: 'pool', clearedBy: ['operator'] },
  'stale-view': { foundBy: 'plan', scope: 'cluster', clearedBy: ['outside'] },
  'chat-away': { foundBy: 'plan', scope: 'pool', clearedBy: ['outside', 'operator'] },
  'unknown-pool': { foundBy: 'plan', scope: 'pool', clearedBy: ['operator', 'person'] },
} as const satisfies Record<BlockerCode, BlockerFacts>;

/** The codes whose objects are watched as `O`. */
export type CodeWatchedIn<O extends BlockerFacts['watched']> = {
  [Code in BlockerCode]: (typeof blockerFacts)[Code] extends { readonly watched: O } ? Code : never;
}[BlockerCode];

const byCode: Readonly<Record<BlockerCode, BlockerFacts>> = blockerFacts;
const codes = Object.keys(blockerFacts) as readonly BlockerCode[];

/**
 * A set rather than a function of the code: records written by a later version hold codes that this one does
 * not know, and those are in no set.
 */
const codesWhere = (matches: (facts: BlockerFacts) => boolean): ReadonlySet<BlockerCode> =>
  new Set(codes.filter((code) => matches(byCode[code])));

/** Can clear when another node changes. */
export const watchedInNodes = codesWhere(({ watched }) => watched === 'nodes');

/** Clear when a Reboot of the same pool releases its turn. */
export const clearedByTurn = codesWhere(({ clearedBy }) => clearedBy.includes('turn'));

/** Clear when a Reboot of any pool releases its turn. */
export const clearedByAnyTurn = codesWhere(
  ({ clearedBy, scope }) => clearedBy.includes('turn') && scope === 'cluster',
);

/** Clear when a person approves for now. */
export const clearedByApproval = codesWhere(({ button }) => button === 'approve-now');

/** Clear when a person retries the drain. */
export const clearedByRetry = codesWhere(({ button }) => button === 'retry');

/** Say that the time of the approval has not come. */
export const beforeItsTime = codesWhere((facts) => facts.beforeItsTime === true);

/** Said by a field of the rollout's view already. */
export const inRolloutView = codesWhere((facts) => facts.inRolloutView !== undefined);

/** Halt the whole rollout, whichever of its Reboots has them. */
export const haltsRollout = codesWhere((facts) => facts.inRolloutView === 'halted');

/** Count against gates.waitForJobs. */
export const limitedByJobsWait = codesWhere(({ limitedBy }) => limitedBy === 'waitForJobs');

/** Cleared by those who may approve. */
export const clearedByApprovers = codesWhere(({ namesApprovers }) => namesApprovers === true);
