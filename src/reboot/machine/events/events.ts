import type { Blocker } from '../../scheduling/blockers/blockers.ts';
import type { Rejection } from '../../approval/decision-request.ts';
import type { SnoozeUntil } from '../../approval/snooze-times.ts';
import type { HookAnswer, HookStep } from '../../state/hook-facts.ts';
import type { PoolPolicy } from '../../policy/policy.ts';
import type { Observation } from '../../nodes/observation.ts';
import type { ApprovalMode, HistoryEntry, Principal } from '../../state/decision.ts';
import type { CordonOwner, FailureCode, Reboot, RebootState } from '../../state/reboot.ts';
import type { DrainProgress } from '../../state/drain-facts.ts';
import type { Impact } from '../../state/impact.ts';
import type { Need } from '../../state/need.ts';
import { beginsCleanUp, type StaysCordoned } from '../../state/clean-up.ts';
import type { BlockerSource } from '../../state/stored-blockers.ts';
import type { UndoReason } from '../../state/undo-facts.ts';
import { type Instant, type Timestamp, toTimestamp } from '../../time/time.ts';
import type { WorkloadReadiness } from '../../nodes/workloads.ts';

interface DrainBegun {
  /**
   * DaemonSets with pods on the node that were not ready before the first eviction. Absent when already
   * recorded.
   */
  readonly daemonsBefore?: readonly string[];
}

/** What a person, or a rule in their place, decides. */
export type DecisionEvent = (
  | {
      readonly type: 'approved';
      readonly mode: ApprovalMode;
      readonly digest: string;
      readonly changeTicket?: string;
      readonly reason?: string;
    }
  | { readonly type: 'snoozed'; readonly until: SnoozeUntil; readonly reason?: string }
  | { readonly type: 'denied'; readonly reason: string }
  | { readonly type: 'asked-again'; readonly reason?: string }
  | { readonly type: 'cancelled'; readonly reason?: string }
  | { readonly type: 'retried'; readonly reason?: string }
  | { readonly type: 'skipped'; readonly reason?: string }
  | { readonly type: 'forced'; readonly reason: string }
) & {
  readonly by: Principal;
  /** ID of the decision for many that it is part of. The history keeps it. */
  readonly many?: string;
};

/** Every event of a Reboot. */
export type RebootEvent =
  | DecisionEvent
  /** The node belongs to another pool now. */
  | { readonly type: 'moved'; readonly pool: string }
  /** By a person, independently of the signals. */
  | { readonly type: 'requested'; readonly by: Principal; readonly reason?: string }
  /** A fresh observation. `need` is set when the report of the observed boot requires a reboot. */
  | { readonly type: 'observed'; readonly observation: Observation; readonly need?: Need }
  | { readonly type: 'assessed'; readonly impact: Impact }
  /**
   * Result of the gates that are queried before a start, or the blockers that the plan found. Empty: none of
   * them blocks.
   */
  | { readonly type: 'blocked'; readonly by: BlockerSource; readonly blockers: readonly Blocker[] }
  /** What blocked the start was observed to be gone at `seenAt`. */
  | { readonly type: 'cleared'; readonly seenAt: Instant }
  /** A person lets the rollout continue although workloads are less ready than before this reboot. */
  | { readonly type: 'accepted'; readonly by: Principal; readonly reason: string }
  | { readonly type: 'turn-taken' }
  /** The drain has to be undone, and is retried later. */
  | { readonly type: 'undone'; readonly why: UndoReason }
  | {
      readonly type: 'cordoned';
      readonly owner: CordonOwner;
      /** Readiness of the node's workloads, only where the pool has a staged rollout. */
      readonly workloads?: readonly WorkloadReadiness[];
    }
  | (DrainBegun & { readonly type: 'drain-progressed'; readonly progress: DrainProgress })
  /** With its last progress, which is stored by the same write. */
  | (DrainBegun & { readonly type: 'drained'; readonly pods: number; readonly progress?: DrainProgress })
  | { readonly type: 'drain-failed'; readonly code: FailureCode; readonly sentence: string }
  /** The answer to the run of the hook that started at `since`. */
  | {
      readonly type: 'hook-answered';
      readonly step: HookStep;
      readonly since: Timestamp;
      readonly answer: HookAnswer;
    }
  /** A reminder of a decision that nobody takes may be due. Recorded without a change of state. */
  | { readonly type: 'reminded' }
  /** Alerts of the node cannot be silenced. Recorded once, without a change of state. */
  | { readonly type: 'silence-failed'; readonly problem: string }
  /** The stored object did not keep the run of a hook. */
  | { readonly type: 'hook-lost' }
  /** Somebody deleted the stored object. `observation` was made after any standing order was withdrawn. */
  | { readonly type: 'deleted'; readonly observation: Observation }
  /** The node stays cordoned, because the agent reports that its host was requested to reboot. */
  | { readonly type: 'goes-down' }
  /** Every effect of the clean-up is complete. */
  | { readonly type: 'cleaned-up'; readonly staysCordoned?: StaysCordoned };

export interface Context {
  readonly pool: PoolPolicy;
  readonly now: Instant;
}

/** `reboot` is the identical object when nothing changed. */
export type Step =
  | { readonly ok: true; readonly reboot: Reboot }
  | { readonly ok: false; readonly rejection: Rejection };

export const changed = (reboot: Reboot, changes: Partial<Reboot>): Step => ({
  ok: true,
  reboot: { ...reboot, ...changes },
});

export const unchanged = (reboot: Reboot): Step => ({ ok: true, reboot });

export const rejected = (code: Rejection['code'], sentence: string): Step => ({
  ok: false,
  rejection: { code, sentence },
});

/**
 * A new phase is recorded in the history, after the decision that led to it. It begins its own clean-up, and
 * that of the phase before it is over.
 */
export function enter(reboot: Reboot, state: RebootState, also: Partial<Reboot> = {}): Step {
  if (state.phase === reboot.state.phase) return changed(reboot, { ...also, state });
  const history = bounded([...(also.history ?? reboot.history), entered(state)]);
  const cleanup = beginsCleanUp(state.phase) ? { cleanup: { since: state.since } } : {};
  return changed(withoutCleanUp(reboot), { ...cleanup, ...also, state, history });
}

export function withoutCleanUp({ cleanup: _over, ...reboot }: Reboot): Reboot {
  return reboot;
}

export const entered = ({ since, phase }: RebootState): HistoryEntry => ({
  at: since,
  what: 'entered',
  phase,
});

/** Keeps the object far below etcd's size limit, however many decisions there are. */
const historyKept = 100;

const bounded = (history: readonly HistoryEntry[]): readonly HistoryEntry[] => history.slice(-historyKept);

export function remember(
  reboot: Pick<Reboot, 'history'>,
  entry: Omit<HistoryEntry, 'at'>,
  now: Instant,
): readonly HistoryEntry[] {
  return bounded([...reboot.history, { ...entry, at: toTimestamp(now) }]);
}
