import { join } from 'node:path';
import { type PackageWork, reportLimits } from '../../reboot/nodes/node-report.ts';
import { cleanText } from '../host/clean-text.ts';
import { createDpkgState } from './dpkg-state.ts';
import { describeProcess, deviceOf, type FileLock, readFileLocks } from './file-locks.ts';
import { locate, readWord } from '../host/host-files.ts';
import { readInhibitors } from './inhibitors.ts';

export interface PackageWorkDeps {
  readonly root: string;
  /** The host's /proc. */
  readonly proc: string;
  readonly now: () => number;
}

/** Detects whether packages of the host are being changed. */
export interface PackageWatch {
  read(): Promise<PackageWork | undefined>;
}

/**
 * A package manager holds the first lock from before the first to after the last run of dpkg (apt's
 * Debian::DPkg). The lock of apt's package lists is not included: updating them changes no package.
 */
const dpkgLocks = ['var/lib/dpkg/lock-frontend', 'var/lib/dpkg/lock'];
const zyppLock = 'run/zypp.pid';

/** Command names; the kernel truncates them to 15 characters. */
const managers = new Set(
  (
    'apt apt-get aptitude dpkg unattended-upgr synaptic apt.systemd.dai rpm dnf dnf5 dnf-automatic dnf5daemon-serv ' +
    'yum microdnf tdnf zypper packagekitd transactional-u rpm-ostree rpm-ostreed bootc ostree'
  ).split(' '),
);

export function createPackageWatch({ root, proc, now }: PackageWorkDeps): PackageWatch {
  const dpkg = createDpkgState();
  let since: string | undefined;
  return {
    async read() {
      const active = [
        ...(await lockHolders(root, proc)),
        ...(await zypper(root, proc)),
        ...(await readInhibitors(root, proc).catch(() => [])),
      ];
      const unfinished = await dpkg.unfinished(root).catch(() => undefined);
      const all = [...new Set([...active, ...(unfinished === undefined ? [] : [unfinished])])];
      if (all.length === 0) {
        since = undefined;
        return undefined;
      }
      since ??= new Date(now()).toISOString();
      return { since, active: active.length > 0, what: cleanText(all.join('; '), reportLimits.reasonLength) };
    },
  };
}

async function lockHolders(root: string, proc: string): Promise<readonly string[]> {
  const locks = await readFileLocks(proc).catch(() => []);
  const files = await Promise.all(dpkgLocks.map(async (name) => ({ name, found: await locate(root, name) })));
  return locks.flatMap((lock) => {
    const file = files.find(
      ({ found }) => found.kind === 'found' && lock.inode === found.stats.ino && isOn(lock, found.stats.dev),
    );
    if (file !== undefined) return [`${named(lock)} holds /${file.name}`];
    return isManager(lock) ? [`${named(lock)} holds a lock`] : [];
  });
}

/**
 * On btrfs stat(2) returns a device per subvolume, and /proc/locks that of the whole file system. There, and
 * on RPM hosts, whose databases are not mounted here, the lock is recognised by the name of its process. The
 * inode alone is not sufficient: it is not unique across file systems.
 */
const isManager = ({ name, contained }: FileLock): boolean =>
  name !== undefined && managers.has(name) && !contained;

const isOn = (lock: FileLock, dev: number): boolean => {
  const { major, minor } = deviceOf(dev);
  return lock.major === major && lock.minor === minor;
};

const named = ({ name, pid }: Pick<FileLock, 'name' | 'pid'>): string =>
  pid > 0 ? `${name ?? 'a process'} (pid ${pid})` : (name ?? 'a process');

/** libzypp writes the PID of the lock's holder, and empties the file at the end (ZConfig, zypp.pid). */
async function zypper(root: string, proc: string): Promise<readonly string[]> {
  const found = await locate(root, zyppLock);
  const pid = found.kind === 'found' ? Number(await readWord(found.path, 32).catch(() => '')) : 0;
  if (!Number.isInteger(pid) || pid <= 0) return [];
  const running = (await readWord(join(proc, String(pid), 'comm'), 64).catch(() => '')) !== '';
  const process = await describeProcess(proc, pid);
  return running && !process.contained ? [`${named(process)} holds /${zyppLock}`] : [];
}
