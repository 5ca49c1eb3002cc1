import type { HttpAccess } from './pool-gates.ts';
import type { Millis } from '../time/time.ts';

/** A webhook that a reboot of the pool waits for. Same contract as `WebhookGate`, called until it agrees. */
export interface WebhookHook {
  readonly access: HttpAccess;
  /** Key for the signature of requests. Absent: they are not signed. */
  readonly secretFile?: string;
  /** Time limit from the first call to the agreement. */
  readonly timeout: Millis;
  /** What happens to the reboot without an agreement. */
  readonly onFailure: 'fail' | 'continue';
}

/** Silences alerts of a node in an Alertmanager while Tugboot has the node out of service. */
export interface SilencePolicy {
  readonly access: HttpAccess;
  /**
   * `{node}` in a value is replaced by the name of the node. At least one matcher with `isEqual` has to
   * contain it.
   */
  readonly matchers: readonly {
    readonly name: string;
    readonly value: string;
    readonly isRegex: boolean;
    readonly isEqual: boolean;
  }[];
}

/** Notifications for other tools on the Node, with the time that those get to react. */
export interface HooksPolicy {
  /**
   * `before`: from the cordon to the uncordon. `after`: written when the reboot has succeeded, and not
   * removed.
   */
  readonly labels: {
    readonly before: Readonly<Record<string, string>>;
    readonly after: Readonly<Record<string, string>>;
  };
  /** The same for annotations. */
  readonly annotations: HooksPolicy['labels'];
  /**
   * Taint nodes that wait for their reboot with PreferNoSchedule, so that new pods go to other nodes where
   * they fit.
   */
  readonly preferNoSchedule: boolean;
  /** Annotate the node with the phase and the name of its Reboot. */
  readonly annotateState: boolean;
  /** Set the conditions DrainInProgress and Drained during our drains. */
  readonly drainConditions: boolean;
  /** Exclude the node from external load balancers, from the cordon to the uncordon. */
  readonly excludeFromLoadBalancers: boolean;
  /** From the cordon to the first eviction. */
  readonly drainDelay: Millis;
  /** From the empty node to the order. */
  readonly rebootDelay: Millis;
  /** Called between the empty node and the order. */
  readonly before?: WebhookHook;
  /** Called between the proof and the uncordon. */
  readonly after?: WebhookHook;
  /** From the cordon to the uncordon, or until the reboot fails. */
  readonly silence?: SilencePolicy;
}
