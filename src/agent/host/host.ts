import { posix } from 'node:path';
import type { NodeReport, PackageWork, SignalReading } from '../../reboot/nodes/node-report.ts';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { createBootTime } from './boot-time.ts';
import { cleanText } from './clean-text.ts';
import { codeOf, locate, readWord } from './host-files.ts';
import { readPackages, type Remark } from '../packages/host-packages.ts';
import { askingOf, readHostSignals, signalFiles } from '../signals/host-signals.ts';
import { findNewestKernel, type NewestKernel } from '../packages/installed-kernels.ts';
import { readOtherRebooters } from '../signals/find-other-rebooters.ts';
import { createPackageWatch } from '../packages/package-work.ts';
import { timestampOf } from './timestamp.ts';
import { readSentinel, type Sentinel } from '../signals/sentinel.ts';

/** The report without what the agent adds: its own version and its receipt. */
export type HostFacts = Omit<NodeReport, 'agent' | 'order'>;

export interface Host {
  /** Reads everything. Rejects if the boot ID cannot be read: a report must name its boot. */
  read(): Promise<{ readonly facts: HostFacts; readonly remarks: readonly Remark[] }>;
  /** The ID of the running boot. */
  bootId(): Promise<string>;
  /** The package work that is in progress; undefined if there is none. */
  packageWork(): Promise<PackageWork | undefined>;
  /** Cheap to compute; changes when something that a report is made of may have changed. */
  fingerprint(): Promise<string>;
}

export interface HostPaths {
  /** Mount point of the host's file system. */
  readonly root: string;
  /** Relative to `root`. */
  readonly sentinel: string;
  readonly bootIdFile: string;
  readonly kernelReleaseFile: string;
  /** Holds the start of the boot (proc_stat(5), btime). */
  readonly statFile: string;
  /** The host's /proc, for its processes and their locks. */
  readonly proc: string;
}

/** The limit in the schema of NodeAgent; a boot ID has 36 characters. */
const longestBootId = 64;

/** `commands` returns the latest readings of the command signals. */
export function createHost(
  paths: HostPaths,
  commands: () => readonly SignalReading[] = () => [],
  now: () => number = () => Date.now(),
): Host {
  const packages = createPackageWatch({ ...paths, now });
  const bootTime = createBootTime(paths.statFile);
  const bootId = async (): Promise<string> => {
    const id = cleanText(await readWord(paths.bootIdFile), longestBootId);
    if (id === '') throw new Error(`The boot ID file ${paths.bootIdFile} is empty`);
    return id;
  };
  return {
    bootId,
    packageWork: () => packages.read(),
    async read() {
      const remarks: Remark[] = [];
      const sentinel = await readSentinel(paths.root, paths.sentinel);
      const kernel = await readKernels(paths);
      const id = await bootId();
      const signals = [...(await readHostSignals({ root: paths.root, sentinel, kernel })), ...commands()];
      const facts = {
        ...factsOf(sentinel),
        ...(sentinel.required === 'yes'
          ? await readPackages(paths.root, sentinel.path, remarks)
          : noPackages),
        kernel: kernelFacts(kernel, remarks),
        bootId: id,
        ...(await bootTime.of(id, remarks)),
        signals,
        ...askingFacts(signals),
        ...workFacts(await packages.read()),
        ...rebooterFacts(await readOtherRebooters(paths)),
      };
      return { facts, remarks };
    },
    fingerprint: async () => fingerprint(paths),
  };
}

const noPackages = { packages: [], packagesLeftOut: 0 } as const;

function factsOf(sentinel: Sentinel): Pick<HostFacts, 'required' | 'reason' | 'requiredSince'> {
  if (sentinel.required === 'unknown') {
    return { required: 'unknown', reason: cleanText(sentinel.reason, reportLimits.reasonLength) };
  }
  const since = sentinel.required === 'no' ? undefined : timestampOf(sentinel.since);
  return { required: sentinel.required, ...(since === undefined ? {} : { requiredSince: since }) };
}

function askingFacts(signals: readonly SignalReading[]): Pick<HostFacts, 'asking'> {
  const asking = askingOf(signals);
  return asking === undefined ? {} : { asking };
}

const workFacts = (packageWork: PackageWork | undefined): Pick<HostFacts, 'packageWork'> =>
  packageWork === undefined ? {} : { packageWork };

const rebooterFacts = (
  otherRebooters: NonNullable<HostFacts['otherRebooters']>,
): Pick<HostFacts, 'otherRebooters'> => (otherRebooters.length === 0 ? {} : { otherRebooters });

interface Kernels {
  readonly running: string;
  readonly newest: NewestKernel;
}

async function readKernels(paths: HostPaths): Promise<Kernels> {
  const running = cleanText(await readWord(paths.kernelReleaseFile), reportLimits.versionLength);
  return { running, newest: await findNewestKernel(paths.root, running) };
}

function kernelFacts({ running, newest }: Kernels, remarks: Remark[]): HostFacts['kernel'] {
  if (newest.kind === 'known') return { running, newest: newest.release };
  remarks.push({
    topic: 'kernels',
    message: 'installed kernels are not known',
    fields: { why: newest.reason },
  });
  return { running };
}

async function fingerprint(paths: HostPaths): Promise<string> {
  const fingerprints = signalFiles(paths).map(async (name) => {
    const found = await locate(paths.root, name);
    if (found.kind !== 'found') return JSON.stringify(found);
    const { dev, ino, size, mtimeMs, ctimeMs } = found.stats;
    return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
  });
  const directory = await locate(paths.root, posix.dirname(paths.sentinel));
  // Starting a service changes none of the files above.
  const rebooters = JSON.stringify(await readOtherRebooters(paths));
  const bootId = await readWord(paths.bootIdFile).catch(codeOf);
  return [...(await Promise.all(fingerprints)), directory.kind, rebooters, bootId].join('\n');
}
