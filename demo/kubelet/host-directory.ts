import { existsSync, type FSWatcher, watch } from 'node:fs';
import { appendFile, chmod, mkdir, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type DebianPackage, dpkgStatus, kernelPackage, upgraded } from './debian-packages.ts';

/** A node's file system, as far as Tugboot's agent reads it: a real directory. */
/** The lock file of the package manager. */
export const packageLock = 'var/lib/dpkg/lock-frontend';

export interface HostDirectory {
  readonly path: string;
  /** Sets what a boot changes: an empty /run, a boot ID, a running kernel, the boot time. */
  boot(bootId: string, kernel: string, bootedAt: number): Promise<void>;
  /**
   * Installs a newer kernel and libc, and requests a reboot, as apt does. Returns the new kernel's version.
   */
  aptUpgrade(): Promise<string>;
  /** Requests a reboot without installing anything. */
  askForReboot(packages: readonly string[]): Promise<void>;
  newestKernel(): Promise<string>;
  hasSentinel(): boolean;
  /** Calls back when the host's reboot program is run, and when /run changes. */
  watch(listeners: { readonly onRebootRequest: () => void; readonly onRunChange: () => void }): void;
  close(): void;
}

export const sentinelText = '*** System restart required ***\n';

/**
 * Writes a request file, which the simulated machine watches for. The arguments, those of systemctl, are
 * ignored.
 */
const rebootProgram = `#!/bin/sh
# Asks the simulated machine to reboot.
root=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd) || exit 1
: > "$root/power/reboot-requested"
`;

export async function createHostDirectory(
  path: string,
  kernel: string,
  packages: readonly DebianPackage[],
): Promise<HostDirectory> {
  const at = (...parts: readonly string[]): string => join(path, ...parts);
  let installed = packages;
  const watchers: FSWatcher[] = [];
  for (const folder of ['run', 'proc', 'bin', 'boot', 'power', 'lib/modules', 'var/lib/dpkg'])
    await mkdir(at(folder), { recursive: true });
  // On Debian, /var/run is a link to /run.
  await symlink('../run', at('var', 'run')).catch(ignoreExisting);
  // The locks are those of the real kernel. Locks of other processes on other files do not match the
  // machine's files.
  await symlink('/proc/locks', at('proc', 'locks')).catch(ignoreExisting);
  for (const name of ['lock-frontend', 'lock']) await appendFile(at('var/lib/dpkg', name), '');
  await writeFile(at('bin', 'reboot'), rebootProgram);
  await chmod(at('bin', 'reboot'), 0o755);

  const install = async (version: string): Promise<void> => {
    await mkdir(at('lib/modules', version), { recursive: true });
    await writeFile(at('boot', `vmlinuz-${version}`), '');
  };
  const save = (): Promise<void> => writeFile(at('var/lib/dpkg/status'), dpkgStatus(installed));
  await install(kernel);
  await save();

  const askForReboot = async (names: readonly string[]): Promise<void> => {
    // As on real hosts, the hook appends to the list without checking it, and only after it wrote the
    // sentinel: a reader may see one without the other.
    await writeFile(at('run/reboot-required'), sentinelText);
    await appendFile(at('run/reboot-required.pkgs'), names.map((name) => `${name}\n`).join(''));
  };

  return {
    path,
    askForReboot,
    async boot(bootId, running, bootedAt) {
      for (const name of await readdir(at('run')))
        await rm(at('run', name), { recursive: true, force: true });
      await rm(at('power/reboot-requested'), { force: true });
      await writeFile(at('proc/boot_id'), `${bootId}\n`);
      await writeFile(at('proc/osrelease'), `${running}\n`);
      await writeFile(at('proc/stat'), `cpu  0 0 0 0\nbtime ${Math.floor(bootedAt / 1000)}\n`);
    },
    async aptUpgrade() {
      const { packages: next, kernel: version } = upgraded(installed);
      installed = next;
      await install(version);
      await save();
      // Each maintainer script requests a reboot itself: linux-base appears once per kernel package, as on
      // real hosts.
      await askForReboot([
        kernelPackage(version),
        'linux-base',
        'linux-base',
        'libc6',
        kernelPackage(version),
      ]);
      return version;
    },
    newestKernel: async () => newest(await readdir(at('lib/modules'))),
    hasSentinel: () => existsSync(at('run/reboot-required')),
    watch({ onRebootRequest, onRunChange }) {
      watchers.push(watch(at('power'), () => existsSync(at('power/reboot-requested')) && onRebootRequest()));
      watchers.push(watch(at('run'), onRunChange));
    },
    close: () => watchers.splice(0).forEach((watcher) => watcher.close()),
  };
}

function ignoreExisting(error: unknown): void {
  if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return;
  throw error;
}

/** By version, not by text: 6.8.0-99 is older than 6.8.0-111. */
export function newest(versions: readonly string[]): string {
  const sorted = [...versions].sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
  return sorted.at(-1) ?? '';
}
