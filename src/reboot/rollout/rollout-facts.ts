/** The view of a staged rollout that people see. */
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { NeededPackage } from '../state/need.ts';
import type { Phase } from '../state/reboot.ts';
import type { Principal } from '../state/decision.ts';
import type { Instant, Timestamp } from '../time/time.ts';

export interface RolloutView {
  readonly pool: string;
  /** Identifies the rollout among those of the pool. */
  readonly target: string;
  readonly kernel?: string;
  /** The packages that change the risk, where there is no new kernel. */
  readonly packages: readonly NeededPackage[];
  /** How many nodes the pool has. */
  readonly size: number;
  readonly done: number;
  /** 0: the canary. */
  readonly stage: number;
  /** For each stage, including the last: how many nodes are done by its end. */
  readonly stageEnds: readonly number[];
  /** The stage is done, and its bake time ends then. */
  readonly bakesUntil?: Instant;
  readonly underWay: readonly { readonly node: string; readonly phase: Phase }[];
  /** Names of nodes whose Reboot is approved and waits. */
  readonly waiting: readonly string[];
  /** Names of nodes without a decision. */
  readonly undecided: readonly string[];
  /** Names of nodes whose reboot failed, which halts the pool. */
  readonly failed: readonly string[];
  /** Names of nodes whose reboot was denied, cancelled or given up. */
  readonly leftOut: readonly string[];
  /** How many reboots of it have ever failed, including those that were retried or skipped. */
  readonly failures: number;
  /** What halts it. `seen` identifies the halt that was displayed; an acceptance must name the same. */
  readonly halted?: Blocker & { readonly seen: Timestamp };
  /** Another blocker of the next start, while no node is under way. */
  readonly waitsFor?: Blocker;
  /** Who last accepted that workloads are less ready than before. */
  readonly accepted?: { readonly by?: Principal; readonly at: Timestamp };
  readonly beganAt: Instant;
  /** When it ended: every node is done, or left out. */
  readonly endedAt?: Instant;
}
