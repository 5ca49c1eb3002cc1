import type { Timestamp } from './time.ts';

/**
 * What the agent says about its node: the `status` of its NodeAgent object.
 * Written by the agent alone. Everything in it comes from the host and is hostile until escaped.
 */
export interface NodeReport {
  /** `unknown` when the signal cannot be read; `reason` then says why. Never "yes" by default. */
  readonly required: 'yes' | 'no' | 'unknown';
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
  /** The agent's version. */
  readonly agent: string;
  /** What became of the order last seen; absent when none was. */
  readonly order?: OrderReceipt;
}

export interface ReportedPackage {
  readonly name: string;
  readonly version?: string;
}

/** The agent's answer to `spec.endBoot`. Written before the reboot is attempted. */
export interface OrderReceipt {
  /** The boot that the order named. */
  readonly endBoot: string;
  /** `obeying`: the reboot was asked of the host. `refused`: a condition was not met. `failed`: the host refused. */
  readonly state: 'obeying' | 'refused' | 'failed';
  readonly at: Timestamp;
  readonly message?: string;
  /**
   * `metadata.generation` of the NodeAgent when the order was read. An order that was withdrawn and given again is another one, even for an
   * agent that saw neither happen.
   */
  readonly generation?: number;
}

/** Limits of a report: it must stay far below etcd's object size, whatever the host's files hold. */
export const reportLimits = { packages: 200, nameLength: 128, versionLength: 96, reasonLength: 300 } as const;
