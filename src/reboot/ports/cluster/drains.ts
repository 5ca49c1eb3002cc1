import type { BootTarget, DaemonPod } from '../../nodes/observation.ts';
import type { DrainPolicy } from '../../policy/policy.ts';
import type { DrainProgress } from '../../state/drain-facts.ts';
import type { FailureCode } from '../../state/reboot.ts';
import type { Instant } from '../../time/time.ts';

/** What a drain that runs, or has ended, has seen. */
interface Seen {
  /**
   * DaemonSet pods that were not ready before the first eviction, on a node that is Ready. Only in the first
   * event of a drain; absent: none.
   */
  readonly daemonPodsNotReady?: readonly DaemonPod[];
}

/** The first progress is reported before the first eviction, which waits until it has been handled. */
export type DrainEvent =
  /** `last`: the node is drained, and that event follows at once. */
  | (Seen & { readonly kind: 'progress'; readonly progress: DrainProgress; readonly last?: true })
  /** A final list showed that nothing is left to evict. */
  | (Seen & { readonly kind: 'drained'; readonly pods: number })
  | {
      readonly kind: 'failed';
      readonly code: Extract<FailureCode, `drain-${string}` | 'uncordoned-by-other'>;
      readonly sentence: string;
    }
  /** The node has booted or was deleted: nothing is left to drain for this Reboot. */
  | { readonly kind: 'superseded' };

export interface DrainRequest {
  readonly target: BootTarget;
  readonly policy: DrainPolicy;
  readonly startedAt: Instant;
  readonly deadline: Instant;
  /** Pods to evict last, `namespace/name`: Tugboot's own. */
  readonly last: readonly string[];
  /** Delete instead of evicting; an approver has forced the drain, with a reason. */
  readonly force: boolean;
}

export interface Drains {
  /**
   * Evicts until nothing is left to evict. Aborting stops it at its next wait; another drain can resume from
   * there.
   */
  drain(request: DrainRequest, signal: AbortSignal): AsyncIterable<DrainEvent>;
}
