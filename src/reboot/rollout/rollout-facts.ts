/** What is known of a rollout in stages. */
import type { Blocker } from '../scheduling/blockers.ts';
import type { NeededPackage } from '../state/need.ts';
import type { Phase } from '../state/reboot.ts';
import type { Principal } from '../state/decision.ts';
import type { Instant, Timestamp } from '../ports/time.ts';

export interface RolloutView {
  readonly pool: string;
  /** Tells it from other rollouts of the pool. */
  readonly target: string;
  readonly kernel?: string;
  /** What changes the risk, where no kernel is new. */
  readonly packages: readonly NeededPackage[];
  /** Nodes of the pool. */
  readonly size: number;
  readonly done: number;
  /** 0: the canary. */
  readonly stage: number;
  /** Of each stage, the last one included: how many nodes are done by its end. */
  readonly stageEnds: readonly number[];
  /** The stage is done, and is watched until then. */
  readonly bakesUntil?: Instant;
  readonly underWay: readonly { readonly node: string; readonly phase: Phase }[];
  /** Nodes that are approved and wait. */
  readonly waiting: readonly string[];
  /** Nodes nobody has decided on. */
  readonly undecided: readonly string[];
  /** Nodes whose reboot failed, which halts the pool. */
  readonly failed: readonly string[];
  /** Nodes whose reboot was denied, cancelled or given up. */
  readonly leftOut: readonly string[];
  /** How many nodes failed at some time, whatever became of them. */
  readonly failures: number;
  /** `seen` names exactly what was told. */
  readonly halted?: Blocker & { readonly seen: Timestamp };
  /** What else keeps the next node from its start, while none is under way. */
  readonly waitsFor?: Blocker;
  /** Who let it go on last, although workloads were less ready than before. */
  readonly accepted?: { readonly by?: Principal; readonly at: Timestamp };
  readonly beganAt: Instant;
  /** It is over: every node is done, or left out. */
  readonly endedAt?: Instant;
}
