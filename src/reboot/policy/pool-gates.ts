import type { Millis } from '../ports/time.ts';

/** How a service that an operator named is reached. Secrets are files, read for each call. */
export interface HttpAccess {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Of its certificate authority; absent: the usual ones. */
  readonly caFile?: string;
  readonly auth?:
    | { readonly kind: 'bearer'; readonly tokenFile: string }
    | { readonly kind: 'basic'; readonly username: string; readonly passwordFile: string };
}

/** A Prometheus that has to be quiet. */
export interface PrometheusGate {
  readonly name: string;
  readonly access: HttpAccess;
  /** Regular expressions of Prometheus, for the whole name of an alert. Absent: alerts do not count. */
  readonly alerts?: { readonly include?: string; readonly exclude?: string; readonly pending: boolean };
  /** Expressions that have to have no result. */
  readonly queries: readonly { readonly name: string; readonly promql: string }[];
  /** Whoever is silenced there does not count. */
  readonly alertmanager?: HttpAccess;
}

/** Who has the last word before a start. */
export interface WebhookGate {
  readonly access: HttpAccess;
  /** For the signature; absent: it is not signed. */
  readonly secretFile?: string;
  readonly timeout: Millis;
}

/** What the outside has to say before a node of the pool may start. */
export interface GatesPolicy {
  /** Label selectors: a pod on the node that matches one, and has not finished, blocks. */
  readonly blockingPods: readonly string[];
  /** `key` or `key=value`: a pod on the node that bears one, and that the drain would move, blocks. */
  readonly podAnnotations: readonly string[];
  /** Pods anywhere of which too many are not ready, or pending. */
  readonly healthyPods: readonly {
    readonly selector: string;
    /** Absent: all namespaces. */
    readonly namespace?: string;
    readonly mostNotReady: number;
  }[];
  /** How long after its approval a node waits for the Jobs that run on it. 0: it does not. */
  readonly waitForJobs: Millis;
  /**
   * How long a node waits while packages of its host are being changed, before a person is asked. 0: it does
   * not wait.
   */
  readonly waitForPackageManager: Millis;
  readonly prometheus: readonly PrometheusGate[];
  readonly webhook?: WebhookGate;
}
