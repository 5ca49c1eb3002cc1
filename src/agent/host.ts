import { posix } from 'node:path';
import { reportLimits, type NodeReport } from '../reboot/node-report.ts';
import { cleanText } from './clean-text.ts';
import { codeOf, locate, readWord } from './host-files.ts';
import { dpkgStatus, readPackages, type Remark } from './host-packages.ts';
import { findNewestKernel } from './installed-kernels.ts';
import { readSentinel, type Sentinel } from './sentinel.ts';

/** What the host says about itself. */
export type HostFacts = Omit<NodeReport, 'agent' | 'order'>;

export interface Host {
  /** Reads everything. Throws when even the boot ID cannot be read: a report about no boot is worth nothing. */
  read(): Promise<{ readonly facts: HostFacts; readonly remarks: readonly Remark[] }>;
  /** The boot that runs at this moment. */
  bootId(): Promise<string>;
  /** Cheap to ask; differs when anything may have changed that a report is made of. */
  fingerprint(): Promise<string>;
}

export interface HostPaths {
  /** Where the host's file system is mounted. */
  readonly root: string;
  /** Relative to `root`. */
  readonly sentinel: string;
  readonly bootIdFile: string;
  readonly kernelReleaseFile: string;
}

/** As the schema of NodeAgent has it; a boot ID has 36 characters. */
const longestBootId = 64;
/** The last millisecond that RFC 3339 can write (year 9999). */
const endOfTime = 253_402_300_799_999;

export function createHost(paths: HostPaths): Host {
  const bootId = async (): Promise<string> => {
    const id = cleanText(await readWord(paths.bootIdFile), longestBootId);
    if (id === '') throw new Error(`The boot ID file ${paths.bootIdFile} is empty`);
    return id;
  };
  return {
    bootId,
    async read() {
      const remarks: Remark[] = [];
      const sentinel = await readSentinel(paths.root, paths.sentinel);
      const facts = {
        ...factsOf(sentinel),
        ...(sentinel.required === 'yes'
          ? await readPackages(paths.root, sentinel.path, remarks)
          : noPackages),
        kernel: await readKernels(paths, remarks),
        bootId: await bootId(),
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
  if (sentinel.required === 'no' || !(sentinel.since >= 0 && sentinel.since <= endOfTime)) {
    return { required: sentinel.required };
  }
  return { required: 'yes', requiredSince: new Date(sentinel.since).toISOString() };
}

async function readKernels(paths: HostPaths, remarks: Remark[]): Promise<HostFacts['kernel']> {
  const running = cleanText(await readWord(paths.kernelReleaseFile), reportLimits.versionLength);
  const newest = await findNewestKernel(paths.root, running);
  if (newest.kind === 'known') return { running, newest: newest.release };
  remarks.push({
    topic: 'kernels',
    message: 'installed kernels are not known',
    fields: { why: newest.reason },
  });
  return { running };
}

async function fingerprint(paths: HostPaths): Promise<string> {
  const looks = [paths.sentinel, `${paths.sentinel}.pkgs`, dpkgStatus, 'boot', 'lib/modules'].map(
    async (name) => {
      const found = await locate(paths.root, name);
      if (found.kind !== 'found') return JSON.stringify(found);
      const { dev, ino, size, mtimeMs, ctimeMs } = found.stats;
      return [dev, ino, size, mtimeMs, ctimeMs].join(' ');
    },
  );
  const home = await locate(paths.root, posix.dirname(paths.sentinel));
  return [...(await Promise.all(looks)), home.kind, await readWord(paths.bootIdFile).catch(codeOf)].join(
    '\n',
  );
}
