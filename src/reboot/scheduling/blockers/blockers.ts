import type { Instant } from '../../time/time.ts';

/** A named reason not to start a Reboot now. */
export interface Blocker<Code extends BlockerCode = BlockerCode> {
  readonly code: Code;
  /** A sentence for people. Names from the cluster in it are not escaped. */
  readonly sentence: string;
  /** A sentence for people: what would clear the blocker. */
  readonly clears: string;
  /** When it clears by itself, if the time is known. */
  readonly until?: Instant;
}

/** What halts a rollout: its next stage does not start. */
export type Halt = Blocker<'rollout-halted'>;

export type BlockerCode =
  | 'paused'
  | 'observed-only'
  | 'node-not-ready'
  | 'pods-in-the-way'
  | 'pods-ask-to-stay'
  | 'pods-unhealthy'
  | 'jobs-running'
  | 'control-plane-unhealthy'
  | 'alerts-firing'
  | 'query-not-empty'
  | 'webhook-refused'
  | 'gate-unreachable'
  /** The drain was undone and is retried after a back-off. */
  | 'drain-undone'
  /** The drain was undone and is retried only on a person's decision. */
  | 'drain-needs-person'
  | 'too-soon'
  | 'reboot-loop'
  | 'rule-withdrawn'
  | 'would-not-finish'
  | 'zone-busy'
  | 'rollout-waits'
  | 'rollout-halted'
  | 'approvals-missing'
  | 'decision-lapsed'
  | 'snoozed'
  | 'denied'
  | 'failed'
  | 'outside-window'
  | 'calendar-unread'
  | 'pool-halted'
  | 'turn-taken'
  | 'cluster-turns-taken'
  | 'control-plane-busy'
  | 'control-plane-last'
  | 'node-leaving'
  | 'packages-changing'
  | 'too-many-out'
  | 'ledger-unreadable'
  | 'record-unreadable'
  | 'stale-view'
  | 'chat-away'
  | 'unknown-pool';
