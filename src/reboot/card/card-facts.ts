import type { Demands } from '../approval/demands.ts';
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { ClusterColour } from '../policy/cluster-colour.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { MessageRef } from '../state/chat-record.ts';
import type { Reboot } from '../state/reboot.ts';
import type { RolloutView } from '../rollout/rollout-facts.ts';
import type { Instant } from '../time/time.ts';

/** Everything a card and its thread are rendered from. */
export interface CardData {
  readonly cluster: string;
  /** By which people tell the cluster from others. */
  readonly colour?: ClusterColour;
  /** The cluster has been removed from the configuration: nothing is decided here. */
  readonly unserved?: true;
  readonly channel: string;
  readonly reboot: Reboot;
  readonly blockers: readonly Blocker[];
  readonly approvers: PoolPolicy['approvers'];
  readonly approvalsNeeded: number;
  readonly approveNowAllowed: boolean;
  /** What the pool demands with a decision. Absent: nothing. */
  readonly demands?: Demands;
  /** The next opening of the pool's windows, or the one that is open. */
  readonly window?: {
    readonly opens: Instant;
    readonly closes: Instant;
    readonly label: string;
    /** Weekday and time only, for a button. */
    readonly short: string;
    readonly open: boolean;
  };
  /** Why no window of the pool opens, while a decision is pending. */
  readonly noWindow?: string;
  /** When the rule will approve it, unless a person objects. */
  readonly automatic?: { readonly at: Instant };
  /** Why the rule may not approve it, where the pool has a rule. */
  readonly beyondRule?: string;
  /** Groups that a late reminder names. */
  readonly escalateTo?: readonly string[];
  readonly rebootTimeout: number;
  readonly settleTime: number;
  /** The view of the rollout that this Reboot leads. */
  readonly rollout?: RolloutView;
  /**
   * The pool digest that it is decided in, until it starts: its card has no buttons then. The message is
   * absent while it is not posted.
   */
  readonly poolDigest?: { readonly id: string; readonly message?: MessageRef };
  /** How many nodes of its digest wait for a person for the same cause, since before it. */
  readonly sameCauseBefore?: number;
}
