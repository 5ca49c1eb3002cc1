import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { basePackages, dpkgStatus } from '../../../demo/kubelet/debian-packages.ts';
import { createHostDirectory, type HostDirectory, newest } from '../../../demo/kubelet/host-directory.ts';
import { within } from '../kube/raw-kube.ts';

const kernel = '6.8.0-45-generic';
let folder: string;
let host: HostDirectory;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'host-'));
  host = await createHostDirectory(folder, kernel, basePackages(kernel));
  await host.boot('boot-1', kernel, 1_800_000_000_000);
});
afterEach(async () => {
  host.close();
  await rm(folder, { recursive: true });
});
const read = (path: string): Promise<string> => readFile(join(folder, path), 'utf8');

describe('the directory of a simulated host', () => {
  it('shows the boot it is in', async () => {
    expect([await read('proc/boot_id'), await read('proc/osrelease')]).toEqual(['boot-1\n', `${kernel}\n`]);
    expect(host.hasSentinel()).toBe(false);
  });
  it('asks for a reboot after an upgrade the way apt does: a sentinel, and names that repeat', async () => {
    const version = await host.aptUpgrade();
    expect(version).toBe('6.8.0-47-generic');
    expect(await read('var/run/reboot-required')).toBe('*** System restart required ***\n');
    expect((await read('run/reboot-required.pkgs')).split('\n').slice(0, 3)).toEqual([
      `linux-image-${version}`,
      'linux-base',
      'linux-base',
    ]);
    expect(await readdir(join(folder, 'lib/modules'))).toEqual([kernel, version]);
    expect(await read('var/lib/dpkg/status')).toContain(
      `Package: linux-image-${version}\nStatus: install ok installed`,
    );
  });
  it('appends to the list at every upgrade, and raises the versions', async () => {
    await host.aptUpgrade();
    const once = (await read('run/reboot-required.pkgs')).length;
    await host.aptUpgrade();
    expect((await read('run/reboot-required.pkgs')).length).toBe(2 * once);
    expect(await host.newestKernel()).toBe('6.8.0-49-generic');
    expect(await read('var/lib/dpkg/status')).toContain('Version: 2.39-0ubuntu8.4');
  });
  it('forgets /run at a boot, and keeps what is installed', async () => {
    await host.aptUpgrade();
    await host.boot('boot-2', await host.newestKernel(), 1_800_000_060_000);
    expect(await readdir(join(folder, 'run'))).toEqual([]);
    expect(await read('proc/osrelease')).toBe('6.8.0-47-generic\n');
  });
  it('hears its own reboot program', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    host.watch({ onRebootRequest: resolve, onRunChange: () => undefined });
    await promisify(execFile)(join(folder, 'bin/reboot'), ['--no-wall']);
    await expect(within(promise)).resolves.toBeUndefined();
  });
});

describe('kernel versions', () => {
  it('are compared by number', () => {
    expect(newest(['6.8.0-111-generic', '6.8.0-99-generic', '6.8.0-100-generic'])).toBe('6.8.0-111-generic');
  });
});

describe("dpkg's file", () => {
  it('has a paragraph per package, separated by empty lines', () => {
    const paragraphs = dpkgStatus(basePackages(kernel)).split('\n\n');
    expect(paragraphs).toHaveLength(basePackages(kernel).length);
    for (const paragraph of paragraphs)
      expect(paragraph).toMatch(/^Package: \S+\nStatus: install ok installed\n[^]*\nVersion: \S+\n/);
  });
});
