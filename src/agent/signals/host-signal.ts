import type { SignalReading } from '../../reboot/nodes/node-report.ts';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';
import type { NewestKernel } from '../packages/installed-kernels.ts';
import type { Sentinel } from './sentinel.ts';

/** A signal that is read from files of the host: one row of the table in host-signals.ts. */
export interface HostSignal {
  /**
   * The files and directories that the reading depends on, relative to the root. The agent reads anew when
   * one of them changes.
   */
  readonly files: (paths: SignalPaths) => readonly string[];
  /** Undefined if the signal does not apply to this host. */
  readonly read: (host: HostReadings) => HostReading | undefined | Promise<HostReading | undefined>;
}

export interface SignalPaths {
  /** The sentinel file, relative to the root. */
  readonly sentinel: string;
}

/** What is read once for several signals. */
export interface HostReadings {
  readonly root: string;
  readonly sentinel: Sentinel;
  readonly kernel: { readonly running: string; readonly newest: NewestKernel };
}

/** The table adds the name. */
export type HostReading = Omit<SignalReading, 'name'>;

export const no: HostReading = { required: 'no' };
export const yes = (reason?: string, since?: string): HostReading => reading('yes', reason, since);
/** It cannot be read, and why. */
export const unknown = (reason: string): HostReading => reading('unknown', reason);

const reading = (required: 'yes' | 'unknown', reason?: string, since?: string): HostReading => ({
  required,
  ...(reason === undefined ? {} : { reason: cleanText(reason, reportLimits.reasonLength) }),
  ...(since === undefined ? {} : { since }),
});
