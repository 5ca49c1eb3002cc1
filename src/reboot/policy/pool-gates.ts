import type { Millis } from '../time/time.ts';

/** How to reach a service of the operator. Secrets are files, read for each request. */
export interface HttpAccess {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** File with the certificate authority. Absent: Node's default authorities. */
  readonly caFile?: string;
  readonly auth?:
    | { readonly kind: 'bearer'; readonly tokenFile: string }
    | { readonly kind: 'basic'; readonly username: string; readonly passwordFile: string };
}

/** A Prometheus in which no alert may fire and no query may return a result. */
export interface PrometheusGate {
  readonly name: string;
  readonly access: HttpAccess;
  /** Prometheus regular expressions, anchored to the whole name of an alert. Absent: alerts do not block. */
  readonly alerts?: { readonly include?: string; readonly exclude?: string; readonly pending: boolean };
  /** Expressions that block while they return a result. */
  readonly queries: readonly { readonly name: string; readonly promql: string }[];
  /** Alerts that are silenced there do not block. */
  readonly alertmanager?: HttpAccess;
}

/** A webhook that is called last before a start. */
export interface WebhookGate {
  readonly access: HttpAccess;
  /** Key for the signature of requests. Absent: they are not signed. */
  readonly secretFile?: string;
  readonly timeout: Millis;
}

/** Gates that need a query before a node of the pool may start. */
export interface GatesPolicy {
  /** Label selectors. A matching pod on the node blocks, unless it has finished. */
  readonly blockingPods: readonly string[];
  /** `key` or `key=value`. A pod on the node with such an annotation blocks, if the drain would evict it. */
  readonly podAnnotations: readonly string[];
  /** Block while more than `mostNotReady` matching pods of the cluster are pending or not ready. */
  readonly healthyPods: readonly {
    readonly selector: string;
    /** Absent: all namespaces. */
    readonly namespace?: string;
    readonly mostNotReady: number;
  }[];
  /** How long Jobs on a node may block its start. 0: they do not. */
  readonly waitForJobs: Millis;
  /**
   * How long a running package manager may block the start of its node before a person has to decide. 0: it
   * does not block.
   */
  readonly waitForPackageManager: Millis;
  readonly prometheus: readonly PrometheusGate[];
  readonly webhook?: WebhookGate;
}
