import type { Timestamp } from '../time/time.ts';

/**
 * The agent's report about its node: the `status` of its NodeAgent object. Only the agent writes it. All of
 * it comes from the host and is hostile until escaped.
 */
export interface NodeReport {
  /** The answer of the sentinel, repeated in `signals`. Earlier agents report nothing else. */
  readonly required: Answer;
  readonly reason?: string;
  /** When the sentinel file was last written, if it exists. */
  readonly requiredSince?: Timestamp;
  /** In the order of the host's file, without duplicates. */
  readonly packages: readonly ReportedPackage[];
  /** Number of packages omitted to keep the report bounded. */
  readonly packagesLeftOut: number;
  readonly kernel: { readonly running: string; readonly newest?: string };
  /** `/proc/sys/kernel/random/boot_id` at the time of the report. */
  readonly bootId: string;
  /** When this boot began, to the second. */
  readonly bootedAt?: Timestamp;
  /** The agent's version. */
  readonly agent: string;
  /** Every signal that the agent reads on this host. The bot decides per pool which of them count. */
  readonly signals?: readonly SignalReading[];
  /** For people with kubectl: the names of the signals that say yes. */
  readonly asking?: string;
  /** Present while packages of the host are being changed. */
  readonly packageWork?: PackageWork;
  /** Other mechanisms on the host that are enabled and reboot it. */
  readonly otherRebooters?: readonly OtherRebooter[];
  /** The result of the last order that the agent has read. Absent when there was none. */
  readonly order?: OrderReceipt;
}

/** A running package manager, or an interrupted one. */
export interface PackageWork {
  /** When the agent first observed it. */
  readonly since: Timestamp;
  /** True while a package manager runs; false where packages were left half configured. */
  readonly active: boolean;
  /** In words: the lock and the process that holds it. */
  readonly what: string;
}

/** A mechanism of the host that reboots it without a decision and without a drain. */
export interface OtherRebooter {
  /** One of `otherRebooterNames`. A later agent may report others. */
  readonly name: string;
  /** What the agent found, in words. */
  readonly what: string;
}

export const otherRebooterNames = [
  'locksmithd',
  'rebootmgr',
  'zincati',
  'shutdown',
  'unattended-upgrades',
  'dnf-automatic',
] as const;
export type OtherRebooterName = (typeof otherRebooterNames)[number];

/** `unknown` when it cannot be read. Never "yes" by default. */
export type Answer = 'yes' | 'no' | 'unknown';

/** The current reading of one signal of the host. */
export interface SignalReading {
  readonly name: string;
  readonly required: Answer;
  /** The reason that the signal gives, or why it cannot be read. */
  readonly reason?: string;
  /** Since when it says yes, where the host records that. */
  readonly since?: Timestamp;
  /** The packages that it names. Those of the sentinel are in the report itself. */
  readonly packages?: readonly ReportedPackage[];
}

export interface ReportedPackage {
  readonly name: string;
  readonly version?: string;
}

/** The agent's answer to `spec.endBoot`, written before it requests the reboot. */
export interface OrderReceipt {
  /** The boot named by the order. */
  readonly endBoot: string;
  /**
   * `obeying`: the agent requests the reboot from the host. `refused`: a condition was not met. `failed`: the
   * host rejected the request.
   */
  readonly state: 'obeying' | 'refused' | 'failed';
  readonly at: Timestamp;
  readonly message?: string;
  /**
   * `metadata.generation` of the NodeAgent when the order was read. It distinguishes an order that was
   * withdrawn and given again, even for an agent that observed neither change.
   */
  readonly generation?: number;
}

/** Limits of a report. It must stay far below etcd's object size, whatever the host's files contain. */
export const reportLimits = {
  packages: 200,
  /** More than any host has installed. A larger number has no meaning. */
  packagesLeftOut: 100_000,
  nameLength: 128,
  versionLength: 96,
  reasonLength: 300,
  /** Number of signals of one host, and of packages that one signal may name. */
  signals: 20,
  signalName: 63,
  signalPackages: 50,
  otherRebooters: 10,
} as const;
