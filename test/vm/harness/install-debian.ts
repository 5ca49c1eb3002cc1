import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Supervisor } from '../../../demo/environment/supervisor.ts';

export const suite = 'bookworm';
export const packages = [
  'systemd-sysv',
  'dbus',
  'udev',
  'kmod',
  'initramfs-tools',
  'containerd',
  'runc',
  'containernetworking-plugins',
  // The default profiles of containers are enforced only where this is: on Debian and Ubuntu, by default.
  'apparmor',
  'qemu-guest-agent',
  'catatonit',
];

export interface DebianOptions {
  /** Programs, by their paths. */
  readonly mmdebstrap: string;
  readonly unshare: string;
  /** The folder of what makes a Debian the tests' machine: guest/ and install-in-guest.sh. */
  readonly guest: string;
  /** Where it goes. */
  readonly root: string;
  readonly supervisor: Supervisor;
}

/** Installs a Debian into a folder, from packages. Needs root. */
export async function installDebian(options: DebianOptions): Promise<void> {
  const { unshare, supervisor } = options;
  // What is mounted and started for it is seen by nobody else, and is gone when it is.
  const alone = ['--mount', '--pid', '--fork', '--kill-child', 'nice', '-n', '10'];
  const args = [...alone, ...commandLine(options)];
  const child = supervisor.adopt(spawn(unshare, args, { stdio: ['ignore', 'ignore', 'pipe'] }));
  let said = '';
  child.stderr.on('data', (text: Buffer) => (said += text.toString()));
  const code = await new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  const last = said.trim().split('\n').slice(-3).join(' | ');
  if (code !== 0) throw new Error(`mmdebstrap ended with ${String(code)}: ${last}`);
}

function commandLine({ mmdebstrap, guest, root }: DebianOptions): readonly string[] {
  const hook = (script: string): string => `--customize-hook=${script}`;
  return [
    mmdebstrap,
    '--mode=root',
    '--variant=minbase',
    `--include=${packages.join(',')}`,
    '--aptopt=APT::Install-Recommends "false"',
    ...['doc', 'man', 'locale'].map((what) => `--dpkgopt=path-exclude=/usr/share/${what}/*`),
    hook(`cp -r ${quoted(join(guest, 'guest'))}/. "$1/"`),
    hook(`chroot "$1" sh -s < ${quoted(join(guest, 'install-in-guest.sh'))}`),
    suite,
    root,
  ];
}

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
