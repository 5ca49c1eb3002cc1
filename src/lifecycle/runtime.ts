import type { Problem } from '../config/checks/problems.ts';
import type { Config } from '../config/load.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Clock } from '../reboot/time/time.ts';
import type { SlackNetwork } from '../bot/connection/slack-network.ts';
import type { Backend, BackendOptions } from '../jobs/backend.ts';
import type { Transport } from '../k8s/api/transport.ts';
import type { Sleep } from '../timing/sleep.ts';

/** The environment of the program besides its configuration: clock, timers, randomness, log. */
export interface Runtime {
  readonly clock: Clock;
  readonly random: () => number;
  readonly sleep: Sleep;
  readonly logger: Logger;
  /** What check-config warns of in the configuration file now. */
  readonly configWarnings: () => readonly Problem[];
  /** Calls `callback` with each record of a decision. */
  readonly onAudit: (callback: (record: object) => void) => void;
  /** Calls `callback` every `ms` milliseconds until `signal` aborts. */
  readonly every: (ms: number, signal: AbortSignal, callback: () => void) => void;
  /** Reads environment and file again; throws a ConfigError that names every problem. */
  readonly readConfig: () => Config;
  /** Calls `callback` when the file may have changed, until `signal` aborts; may miss a change. */
  readonly onConfigTouched: (signal: AbortSignal, callback: () => void) => void;
  /** In place of connections over the network: all of them, or none. */
  readonly connections?: {
    readonly openTransport: (proxy: string | undefined) => Transport;
    readonly openBackend: (options: BackendOptions) => Backend;
    readonly slackNetwork: SlackNetwork;
  };
}
