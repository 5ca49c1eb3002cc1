import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { createHost, type HostPaths } from '../../../src/agent/host/host.ts';

export const bootOne = '11111111-1111-4111-8111-111111111111';
export const bootTwo = '22222222-2222-4222-8222-222222222222';
export const running = '6.8.0-45-generic';
export const bootedAt = Date.UTC(2025, 10, 21);

/** The files of a host in a directory of its own, gone when the test has ended. */
export interface TempHost {
  readonly root: string;
  readonly paths: HostPaths;
  readonly host: ReturnType<typeof createHost>;
  path(name: string): string;
  write(name: string, content?: string | Uint8Array): void;
  directory(name: string): void;
  link(name: string, target: string): void;
  remove(name: string): void;
  /** What `apt upgrade` leaves behind. */
  require(packages?: string): void;
}

export function tempHost(): TempHost {
  const root = mkdtempSync(join(tmpdir(), 'tugboot-host-'));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const path = (name: string): string => join(root, name);
  const write = (name: string, content: string | Uint8Array = ''): void => {
    mkdirSync(dirname(path(name)), { recursive: true });
    writeFileSync(path(name), content);
  };
  write('proc/boot_id', `${bootOne}\n`);
  write('proc/osrelease', `${running}\n`);
  write('proc/stat', `cpu  1 2 3\nintr 5 0 0 1\nctxt 9\nbtime ${bootedAt / 1000}\nprocesses 7\n`);
  write(`boot/vmlinuz-${running}`);
  mkdirSync(path(`lib/modules/${running}`), { recursive: true });
  mkdirSync(path('run'));
  const paths = {
    root,
    sentinel: 'run/reboot-required',
    bootIdFile: path('proc/boot_id'),
    kernelReleaseFile: path('proc/osrelease'),
    statFile: path('proc/stat'),
    proc: path('proc'),
  };
  return {
    root,
    paths,
    host: createHost(paths),
    path,
    write,
    directory: (name) => void mkdirSync(path(name), { recursive: true }),
    link: (name, target) => symlinkSync(target, path(name)),
    remove: (name) => rmSync(path(name), { recursive: true, force: true }),
    require(packages = 'linux-base\n') {
      write('run/reboot-required', '*** System restart required ***\n');
      write('run/reboot-required.pkgs', packages);
    },
  };
}

/** One installed package, as dpkg writes it. */
export const stanza = (name: string, version: string, status = 'install ok installed'): string =>
  `Package: ${name}\nStatus: ${status}\nPriority: optional\nArchitecture: amd64\nVersion: ${version}\n` +
  `Description: something\n Version: 0 in a description is no field\n\n`;
