import type { Timestamp } from '../ports/time.ts';

/**
 * What the agent says about its node: the `status` of its NodeAgent object.
 * Written by the agent alone. Everything in it comes from the host and is hostile until escaped.
 */
export interface NodeReport {
  /** What the sentinel says; repeated among `signals`. Earlier agents say nothing else. */
  readonly required: Answer;
  readonly reason?: string;
  /** When the sentinel was last written, if it is there. */
  readonly requiredSince?: Timestamp;
  /** In the order in which the host's file names them, each name once. */
  readonly packages: readonly ReportedPackage[];
  /** How many further packages were left out to keep the report bounded. */
  readonly packagesLeftOut: number;
  readonly kernel: { readonly running: string; readonly newest?: string };
  /** `/proc/sys/kernel/random/boot_id` at the time of the report. */
  readonly bootId: string;
  /** When this boot began, to the second. */
  readonly bootedAt?: Timestamp;
  /** The agent's version. */
  readonly agent: string;
  /** Every signal that the agent reads on this host. Which of them count is decided per pool, by the bot. */
  readonly signals?: readonly SignalReading[];
  /** For people with kubectl: the names of the signals that say yes. */
  readonly asking?: string;
  /** While packages of the host are being changed. */
  readonly packageWork?: PackageWork;
  /** What else of the host reboots it, and is on. */
  readonly otherRebooters?: readonly OtherRebooter[];
  /** What became of the order last seen; absent when none was. */
  readonly order?: OrderReceipt;
}

/** A package manager at work, or one that left its work half done. */
export interface PackageWork {
  /** When the agent saw it first. */
  readonly since: Timestamp;
  /** Somebody is at it now; otherwise packages were left half configured. */
  readonly active: boolean;
  /** In words: who holds which lock. */
  readonly what: string;
}

/** Something of the host that reboots it by itself, without a decision and without a drain. */
export interface OtherRebooter {
  /** One of `otherRebooterNames`; a later agent may know more. */
  readonly name: string;
  /** What was seen of it, in words. */
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

/** One signal of the host, as it stands. */
export interface SignalReading {
  readonly name: string;
  readonly required: Answer;
  /** What it says, or why it cannot be read. */
  readonly reason?: string;
  /** Since when it says yes, where the host tells. */
  readonly since?: Timestamp;
  /** The packages that it names; those of the sentinel stand in the report itself. */
  readonly packages?: readonly ReportedPackage[];
}

/** The signals that every agent knows how to read. Commands have the names that the operator gave them. */
export const hostSignals = ['sentinel', 'kernel', 'modules', 'suse', 'ostree'] as const;

/** Commands that an agent knows how to run and to understand, once the operator has turned them on there. */
export const commandPresets = ['needs-restarting', 'dnf', 'dnf5', 'zypper'] as const;

export interface ReportedPackage {
  readonly name: string;
  readonly version?: string;
}

/** The agent's answer to `spec.endBoot`. Written before the reboot is attempted. */
export interface OrderReceipt {
  /** The boot that the order named. */
  readonly endBoot: string;
  /**
   * `obeying`: the reboot was asked of the host. `refused`: a condition was not met. `failed`: the host
   * refused.
   */
  readonly state: 'obeying' | 'refused' | 'failed';
  readonly at: Timestamp;
  readonly message?: string;
  /**
   * `metadata.generation` of the NodeAgent when the order was read. An order that was withdrawn and given
   * again is another one, even for an agent that saw neither happen.
   */
  readonly generation?: number;
}

/** Limits of a report: it must stay far below etcd's object size, whatever the host's files hold. */
export const reportLimits = {
  packages: 200,
  /** More than any host has installed: a larger number says nothing. */
  packagesLeftOut: 100_000,
  nameLength: 128,
  versionLength: 96,
  reasonLength: 300,
  /** Signals of one host, and the packages that one of them may name. */
  signals: 20,
  signalName: 63,
  signalPackages: 50,
  otherRebooters: 10,
} as const;
