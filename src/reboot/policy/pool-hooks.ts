import type { HttpAccess } from './pool-gates.ts';
import type { Millis } from '../ports/time.ts';

/**
 * A webhook that a reboot of the pool waits for: the same contract as `WebhookGate`, asked until it says yes.
 */
export interface WebhookHook {
  readonly access: HttpAccess;
  /** For the signature; absent: it is not signed. */
  readonly secretFile?: string;
  /** From the first question to the yes. */
  readonly timeout: Millis;
  /** What becomes of the reboot without a yes. */
  readonly onFailure: 'fail' | 'continue';
}

/** Silences alerts of a node in an Alertmanager while it is out through us. */
export interface SilencePolicy {
  readonly access: HttpAccess;
  /**
   * `{node}` in a value stands for the name of the node, which at least one of those that must match names.
   */
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
}

/** What other tools are told on the Node, and how long they are given to act on it. */
export interface HooksPolicy {
  /**
   * `before`: from the cordon until the node is given back; `after`: written when the reboot has succeeded,
   * and left there.
   */
  readonly labels: {
    readonly before: Readonly<Record<string, string>>;
    readonly after: Readonly<Record<string, string>>;
  };
  /** The same, of annotations. */
  readonly annotations: HooksPolicy['labels'];
  /** A taint keeps new pods off a node that waits for its reboot, where others have room. */
  readonly preferNoSchedule: boolean;
  /** Annotations name the phase and the Reboot. */
  readonly annotateState: boolean;
  /** The conditions DrainInProgress and Drained tell of our drain. */
  readonly drainConditions: boolean;
  /** Load balancers outside of the cluster leave the node out from its cordon on. */
  readonly excludeFromLoadBalancers: boolean;
  /** From the cordon to the first eviction. */
  readonly drainDelay: Millis;
  /** From the empty node to the order. */
  readonly rebootDelay: Millis;
  /** Asked between the empty node and the order. */
  readonly before?: WebhookHook;
  /** Asked between the proof and the uncordon. */
  readonly after?: WebhookHook;
  /** From the cordon to the uncordon, unless it fails. */
  readonly silence?: SilencePolicy;
}
