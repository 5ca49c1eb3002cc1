/** The signals that are read from files of the host. */
import { posix } from 'node:path';
import { type HostSignalName, hostSignalNames } from '../../reboot/nodes/host-signals.ts';
import type { SignalReading } from '../../reboot/nodes/node-report.ts';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';
import type { HostReadings, HostSignal, SignalPaths } from './host-signal.ts';
import { kernelOfHost } from './kernel-signal.ts';
import { modulesOfHost } from './modules-signal.ts';
import { ostreeOfHost } from './ostree-signal.ts';
import { sentinelOfHost } from './sentinel-signal.ts';
import { suseOfHost } from './suse-signal.ts';

const hostSignals: Readonly<Record<HostSignalName, HostSignal>> = {
  sentinel: sentinelOfHost,
  kernel: kernelOfHost,
  modules: modulesOfHost,
  suse: suseOfHost,
  ostree: ostreeOfHost,
};

/** Those that do not apply to this host are left out. */
export async function readHostSignals(host: HostReadings): Promise<readonly SignalReading[]> {
  const readings = await Promise.all(
    hostSignalNames.map(async (name) => ({ name, reading: await hostSignals[name].read(host) })),
  );
  return readings.flatMap(({ name, reading }) => (reading === undefined ? [] : [{ name, ...reading }]));
}

/** The files and directories that the readings depend on, relative to the root. */
export const signalFiles = (paths: SignalPaths): readonly string[] => [
  ...new Set(hostSignalNames.flatMap((name) => hostSignals[name].files(paths))),
];

/**
 * The entries of the sentinel's directory with which those files change: the files themselves and the
 * directories on the way to them. Files elsewhere are found by polling.
 */
export function watchedEntries(paths: SignalPaths): ReadonlySet<string> {
  const directory = `${inRun(posix.dirname(paths.sentinel))}/`;
  const below = signalFiles(paths)
    .map(inRun)
    .filter((file) => file.startsWith(directory));
  return new Set(below.map((file) => file.slice(directory.length).replace(/\/.*$/, '')));
}

/** /var/run is a link to /run (hier(7)), and the sentinel is configured under either name. */
const inRun = (path: string): string => path.replace(/^var\/run(?=\/|$)/, 'run');

/** For the output of kubectl. */
export function askingOf(readings: readonly SignalReading[]): string | undefined {
  const names = readings.filter(({ required }) => required === 'yes').map(({ name }) => name);
  return names.length === 0 ? undefined : cleanText(names.join(', '), reportLimits.reasonLength);
}
