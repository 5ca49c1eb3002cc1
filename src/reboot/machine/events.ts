import type { Blocker } from '../scheduling/blockers.ts';
import type { Rejection } from '../ports/decisions.ts';
import type { HookAnswer, HookStep } from '../state/hook-facts.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { Observation } from '../ports/cluster.ts';
import type { ApprovalMode, HistoryEntry, Principal } from '../state/decision.ts';
import type { CordonOwner, FailureCode, Reboot, RebootState } from '../state/reboot.ts';
import type { DrainProgress, Impact } from '../state/drain-facts.ts';
import type { Need } from '../state/need.ts';
import type { StaysCordoned } from '../state/clean-up.ts';
import type { UndoReason } from '../state/undo-facts.ts';
import { type Instant, type Timestamp, toTimestamp } from '../ports/time.ts';
import type { WorkloadReadiness } from '../rollout/workloads.ts';

/** Everything that can happen to a Reboot. */
export type RebootEvent =
  | {
      readonly type: 'approved';
      readonly by: Principal;
      readonly mode: ApprovalMode;
      readonly digest: string;
    }
  | { readonly type: 'snoozed'; readonly by: Principal; readonly until: Instant; readonly reason?: string }
  | { readonly type: 'denied'; readonly by: Principal; readonly reason: string }
  | { readonly type: 'asked-again'; readonly by: Principal }
  /** Its node belongs to this pool now. */
  | { readonly type: 'moved'; readonly pool: string }
  /** By a person, whatever the signals say. */
  | { readonly type: 'requested'; readonly by: Principal; readonly reason?: string }
  | { readonly type: 'cancelled'; readonly by: Principal; readonly reason?: string }
  | { readonly type: 'retried'; readonly by: Principal }
  | { readonly type: 'skipped'; readonly by: Principal }
  | { readonly type: 'forced'; readonly by: Principal; readonly reason: string }
  /** A fresh look. `need` is there when the node's report asks for a reboot of the boot that it describes. */
  | { readonly type: 'observed'; readonly observation: Observation; readonly need?: Need }
  | { readonly type: 'assessed'; readonly impact: Impact }
  /** Asked whether it may start, the outside named these; none: nothing is in the way any more. */
  | { readonly type: 'held'; readonly blockers: readonly Blocker[] }
  /** What held it back was seen to be gone at that time. */
  | { readonly type: 'cleared'; readonly seenAt: Instant }
  /** Somebody lets the rollout go on although workloads are less ready than before this reboot. */
  | { readonly type: 'accepted'; readonly by: Principal; readonly reason: string }
  /** The plan holds it back for these reasons. */
  | { readonly type: 'waits'; readonly blockers: readonly Blocker[] }
  | { readonly type: 'turn-taken' }
  /** The drain is to be undone, and tried again later. */
  | { readonly type: 'undone'; readonly why: UndoReason }
  | {
      readonly type: 'cordoned';
      readonly owner: CordonOwner;
      /** How ready the workloads of the node are; only where the pool goes in stages. */
      readonly workloads?: readonly WorkloadReadiness[];
      /** DaemonSets that were not ready on the node before it; absent where they are noted already. */
      readonly daemonsBefore?: readonly string[];
    }
  | { readonly type: 'drain-progressed'; readonly progress: DrainProgress }
  | { readonly type: 'drained'; readonly pods: number }
  | { readonly type: 'drain-failed'; readonly code: FailureCode; readonly sentence: string }
  /** By the run of the hook that began at `since`. */
  | {
      readonly type: 'hook-answered';
      readonly step: HookStep;
      readonly since: Timestamp;
      readonly answer: HookAnswer;
    }
  /** Alerts of its node cannot be silenced: told, and nothing else. */
  | { readonly type: 'silence-failed'; readonly problem: string }
  /** The store does not keep that a hook is asked. */
  | { readonly type: 'hook-lost' }
  /** Somebody deleted its record. Seen after an order that may have stood was withdrawn. */
  | { readonly type: 'deleted'; readonly observation: Observation }
  /** Its node is not uncordoned: the agent says that its host was asked to reboot. */
  | { readonly type: 'goes-down' }
  /** Everything that an ended phase owed has been done. */
  | { readonly type: 'tidied'; readonly staysCordoned?: StaysCordoned };

export interface Context {
  readonly pool: PoolPolicy;
  readonly now: Instant;
}

/** `reboot` is the very same object when nothing changed. */
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

export const enter = (reboot: Reboot, state: RebootState, also: Partial<Reboot> = {}): Step =>
  changed(reboot, { ...also, state });

/** Kept so that etcd's object limit is never near, however often people change their minds. */
const historyKept = 50;

export function remember(
  reboot: Pick<Reboot, 'history'>,
  entry: Omit<HistoryEntry, 'at'>,
  now: Instant,
): readonly HistoryEntry[] {
  return [...reboot.history, { ...entry, at: toTimestamp(now) }].slice(-historyKept);
}
