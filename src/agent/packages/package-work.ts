import { join } from 'node:path';
import type { PackageWork } from '../../reboot/nodes/node-report.ts';
import { reportLimits } from '../../reboot/nodes/report-limits.ts';
import { cleanText } from '../host/clean-text.ts';
import { createDpkgState } from './dpkg-state.ts';
import { describeProcess, type DescribedProcess } from '../host/describe-process.ts';
import { findHostProcesses } from '../host/host-processes.ts';
import { locate, readWord } from '../host/host-files.ts';
import { type FileLock, isLockOn, readFileLocks } from './file-locks.ts';
import { readInhibitors } from './inhibitors.ts';
import { ostreeBooted } from '../signals/ostree-signal.ts';

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
const ostreeTools = ['rpm-ostree', 'rpm-ostreed', 'bootc', 'ostree'];
const managers = new Set([
  ...'apt apt-get aptitude dpkg unattended-upgr synaptic apt.systemd.dai'.split(' '),
  ...'rpm dnf dnf5 dnf-automatic dnf5daemon-serv yum microdnf tdnf zypper packagekitd transactional-u'.split(
    ' ',
  ),
  ...ostreeTools,
]);

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
  const holders = locks.flatMap((lock) => {
    const file = files.find(({ found }) => found.kind === 'found' && isLockOn(lock, found.stats));
    if (file !== undefined) return [`${named(lock)} holds /${file.name}`];
    return isManager(lock) ? [`${named(lock)} holds a lock`] : [];
  });
  if (holders.length > 0 || !locks.some(({ anonymous }) => anonymous)) return holders;
  return ostreeWork(root, proc);
}

/**
 * ostree, and with it rpm-ostree and bootc, locks its sysroot by an open file description: /proc/locks names
 * no process, and the sysroot is not mounted here. Such a lock together with a process of that name is the
 * sign of a transaction.
 */
async function ostreeWork(root: string, proc: string): Promise<readonly string[]> {
  if ((await locate(root, ostreeBooted)).kind === 'absent') return [];
  const running = await findHostProcesses(proc, (name) => ostreeTools.includes(name), 'all').catch(() => []);
  return running.slice(0, 1).map((process) => `${named(process)} is at work`);
}

/**
 * On RPM hosts, whose databases are not mounted here, the lock is recognised by the name of its process. The
 * inode alone is not sufficient: it is not unique across file systems.
 */
const isManager = ({ name, contained }: FileLock): boolean =>
  name !== undefined && managers.has(name) && !contained;

const named = ({ name, pid }: Pick<DescribedProcess, 'name' | 'pid'>): string =>
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
