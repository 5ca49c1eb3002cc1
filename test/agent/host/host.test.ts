import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, utimesSync } from 'node:fs';
import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import type { HostFacts } from '../../../src/agent/host/host.ts';
import { reportLimits } from '../../../src/reboot/nodes/report-limits.ts';
import { bootedAt, bootOne, running, stanza, tempHost, type TempHost } from './temp-host.ts';

async function read(host: TempHost): Promise<HostFacts & { readonly remarks: readonly string[] }> {
  const { facts, remarks } = await host.host.read();
  return { ...facts, remarks: remarks.map(({ message }) => message) };
}

/** Permissions do not bind root, so the test becomes nobody for as long as it lasts. */
function becomeNobody(): void {
  if (process.geteuid?.() !== 0) return;
  process.seteuid?.(65_534);
  onTestFinished(() => process.seteuid?.(0));
}

describe('the report of a host', () => {
  it('says no when the sentinel is absent', async () => {
    expect(await read(tempHost())).toEqual({
      required: 'no',
      packages: [],
      packagesLeftOut: 0,
      kernel: { running, newest: running },
      bootId: bootOne,
      bootedAt: new Date(bootedAt).toISOString(),
      signals: ['sentinel', 'kernel', 'modules', 'suse'].map((name) => ({ name, required: 'no' })),
      remarks: [],
    });
  });

  it('says yes, since when, for which packages in which versions, and which kernel would come', async () => {
    const host = tempHost();
    host.require('linux-image-6.8.0-49-generic\nlibc6\nlibc6\nsnap:core\n');
    host.write('boot/vmlinuz-6.8.0-49-generic');
    host.write(
      'var/lib/dpkg/status',
      stanza('libc6', '2.39-0ubuntu8.3') + stanza('linux-image-6.8.0-49-generic', '6.8.0-49.49'),
    );
    utimesSync(host.path('run/reboot-required'), 1_763_800_000, 1_763_800_000.25);
    expect(await read(host)).toEqual({
      required: 'yes',
      requiredSince: '2025-11-22T08:26:40.250Z',
      packages: [
        { name: 'linux-image-6.8.0-49-generic', version: '6.8.0-49.49' },
        { name: 'libc6', version: '2.39-0ubuntu8.3' },
        { name: 'snap:core' },
      ],
      packagesLeftOut: 0,
      kernel: { running, newest: '6.8.0-49-generic' },
      bootId: bootOne,
      bootedAt: new Date(bootedAt).toISOString(),
      signals: [
        { name: 'sentinel', required: 'yes', since: '2025-11-22T08:26:40.250Z' },
        {
          name: 'kernel',
          required: 'yes',
          reason: `Kernel 6.8.0-49-generic is installed and ${running} runs`,
        },
        { name: 'modules', required: 'no' },
        { name: 'suse', required: 'no' },
      ],
      asking: 'sentinel, kernel',
      remarks: [],
    });
  });

  it('fails without a boot ID: a report about no boot is worth nothing', async () => {
    const host = tempHost();
    host.write('proc/boot_id', '\n');
    await expect(host.host.read()).rejects.toThrow('is empty');
    host.remove('proc/boot_id');
    await expect(host.host.read()).rejects.toThrow('ENOENT');
  });
});

describe('the sentinel', () => {
  it('means yes when it is empty or holds rubbish: it is never read', async () => {
    const host = tempHost();
    for (const content of ['', randomBytes(5000)]) {
      host.write('run/reboot-required', content);
      expect((await read(host)).required).toBe('yes');
    }
  });

  it('means yes behind a link, as on the host', async () => {
    const host = tempHost();
    host.write('srv/sentinel');
    host.link('run/reboot-required', '/srv/sentinel');
    expect((await read(host)).required).toBe('yes');
  });

  it('is found where the host has linked its directory elsewhere', async () => {
    const host = tempHost();
    host.remove('run');
    host.directory('tmpfs/run');
    host.link('run', '../tmpfs/run');
    expect((await read(host)).required).toBe('no');
    host.write('tmpfs/run/reboot-required');
    host.write('tmpfs/run/reboot-required.pkgs', 'libc6\n');
    expect(await read(host)).toMatchObject({ required: 'yes', packages: [{ name: 'libc6' }] });
  });

  const unknowns: readonly (readonly [string, (host: TempHost) => void, string])[] = [
    [
      'is a directory',
      (host) => host.directory('run/reboot-required'),
      'run/reboot-required is a directory, not a file',
    ],
    [
      'is a dangling link',
      (host) => host.link('run/reboot-required', '/nowhere'),
      'run/reboot-required is a link that leads nowhere',
    ],
    [
      'is a circle of links',
      (host) => host.link('run/reboot-required', 'reboot-required'),
      'run/reboot-required cannot be looked at (ELOOP)',
    ],
    [
      'is a named pipe',
      (host) => void execFileSync('mkfifo', [host.path('run/reboot-required')]),
      'run/reboot-required is a named pipe, not a file',
    ],
    ['has lost its directory', (host) => host.remove('run'), "The host's directory run is not there"],
    ['has lost its mount', (host) => host.remove('.'), "The host's directory run is not there"],
    [
      'has a file for a directory',
      (host) => (host.remove('run'), host.write('run', 'x')),
      "The host's run is a file, not a directory",
    ],
  ];
  it.each(unknowns)(
    'leaves the answer unknown, with the reason, when it %s',
    async (_case, arrange, reason) => {
      const host = tempHost();
      const elsewhere = tempHost();
      arrange(host);
      const paths = {
        bootIdFile: elsewhere.paths.bootIdFile,
        kernelReleaseFile: elsewhere.paths.kernelReleaseFile,
      };
      const { createHost } = await import('../../../src/agent/host/host.ts');
      const { facts } = await createHost({ ...host.paths, ...paths }).read();
      expect(facts).toMatchObject({ required: 'unknown', reason, packages: [] });
    },
  );

  it('leaves the answer unknown when its directory may not be entered', async () => {
    const host = tempHost();
    chmodSync(host.root, 0o755);
    chmodSync(host.path('run'), 0o000);
    becomeNobody();
    expect(await read(host)).toMatchObject({
      required: 'unknown',
      reason: 'run/reboot-required cannot be looked at (EACCES)',
    });
  });
});

describe('the package list', () => {
  it('may be missing or empty: the answer is still yes, and the log says so', async () => {
    const host = tempHost();
    host.write('run/reboot-required');
    expect(await read(host)).toMatchObject({
      required: 'yes',
      packages: [],
      remarks: ['the sentinel names no packages: there is no package list'],
    });
    host.write('run/reboot-required.pkgs', '\n\n');
    expect(await read(host)).toMatchObject({
      required: 'yes',
      packages: [],
      remarks: ['the sentinel names no packages: the package list is empty'],
    });
  });

  it('of ten megabytes is read to a limit, counted, and leaves a bounded report', async () => {
    const host = tempHost();
    host.require(
      Array.from({ length: 600_000 }, (_, index) => `package-${index}-${'x'.repeat(6)}`).join('\n'),
    );
    const facts = await read(host);
    expect(facts.packages).toHaveLength(reportLimits.packages);
    expect(facts.packages.at(-1)).toEqual({ name: 'package-199-xxxxxx' });
    expect(facts.packagesLeftOut).toBeGreaterThan(10_000);
    expect(facts.remarks).toEqual(['the package list is too long; its beginning is reported']);
    expect(JSON.stringify(facts).length).toBeLessThan(64 * 1024);
  });

  it('of ten megabytes of rubbish names no packages', async () => {
    const host = tempHost();
    host.write('run/reboot-required');
    host.write('run/reboot-required.pkgs', randomBytes(10 * 1024 * 1024));
    expect(await read(host)).toMatchObject({
      required: 'yes',
      packages: [],
      remarks: ['the package list holds lines that are no names'],
    });
  });

  it('of one endless line names no packages', async () => {
    const host = tempHost();
    host.require('x'.repeat(5 * 1024 * 1024));
    expect(await read(host)).toMatchObject({ required: 'yes', packages: [], packagesLeftOut: 0 });
  });

  it.each<readonly [string, (host: TempHost) => void, string]>([
    ['a directory', (host) => host.directory('run/reboot-required.pkgs'), 'the package list is no file'],
    [
      'a named pipe',
      (host) => void execFileSync('mkfifo', [host.path('run/reboot-required.pkgs')]),
      'the package list is no file',
    ],
    [
      'a dangling link',
      (host) => host.link('run/reboot-required.pkgs', 'gone'),
      'the package list cannot be read',
    ],
  ])('that is %s changes nothing about the yes', async (_case, arrange, remark) => {
    const host = tempHost();
    host.write('run/reboot-required');
    arrange(host);
    expect(await read(host)).toMatchObject({ required: 'yes', packages: [], remarks: [remark] });
  });

  it('that may not be read changes nothing about the yes', async () => {
    const host = tempHost();
    host.require('libc6\n');
    chmodSync(host.root, 0o755);
    chmodSync(host.path('run/reboot-required.pkgs'), 0o000);
    becomeNobody();
    const { facts, remarks } = await host.host.read();
    expect(facts).toMatchObject({ required: 'yes', packages: [] });
    expect(remarks).toEqual([
      {
        topic: 'packages',
        message: 'the package list cannot be read',
        fields: { file: 'run/reboot-required.pkgs', why: 'EACCES' },
      },
    ]);
  });

  it('never shows a file outside the host, wherever a link points', async () => {
    const host = tempHost();
    const secret = tempHost();
    secret.write('token', 'very-secret\n');
    host.write('run/reboot-required');
    host.link('run/reboot-required.pkgs', secret.path('token'));
    expect(JSON.stringify(await host.host.read())).not.toContain('very-secret');
    host.remove('run/reboot-required.pkgs');
    host.link('run/reboot-required.pkgs', `${'../'.repeat(20)}${secret.path('token')}`);
    expect(JSON.stringify(await host.host.read())).not.toContain('very-secret');
  });
});

describe('versions and kernels', () => {
  it('are left out, with a log line, when dpkg’s status cannot be read', async () => {
    const host = tempHost();
    host.require('libc6\n');
    host.directory('var/lib/dpkg/status');
    expect(await read(host)).toMatchObject({
      packages: [{ name: 'libc6' }],
      remarks: ['package versions cannot be read'],
    });
  });

  it('ignores rescue images and leftovers of upgrades', async () => {
    const host = tempHost();
    for (const name of [
      'vmlinuz-0-rescue-4f1c',
      'vmlinuz-9.9.9-1-generic.old',
      'vmlinuz-9.9.9-2-generic.dpkg-new',
      'vmlinuz.old',
      'initrd.img-9.9.9-3-generic',
      '.vmlinuz-9.9.9-4.hmac',
    ])
      host.write(`boot/${name}`);
    expect((await read(host)).kernel.newest).toBe(running);
  });

  it('falls back to the modules where /boot shows no kernel', async () => {
    const host = tempHost();
    host.remove('boot');
    host.directory('lib/modules/6.8.0-111-generic');
    host.directory('lib/modules/6.8.0-99-generic');
    host.write('lib/modules/7.0.0-a-file');
    expect((await read(host)).kernel).toEqual({ running, newest: '6.8.0-111-generic' });
  });

  it('says nothing about a newest kernel where neither can be seen', async () => {
    const host = tempHost();
    host.remove('boot');
    host.remove('lib');
    expect(await read(host)).toMatchObject({
      kernel: { running },
      remarks: ['installed kernels are not known'],
    });
    expect((await read(host)).kernel).not.toHaveProperty('newest');
  });
});

describe('the fingerprint', () => {
  it('stays while nothing changes, and changes with anything that a report is made of', async () => {
    const host = tempHost();
    host.require();
    host.write('var/lib/dpkg/status', '');
    const before = await host.host.fingerprint();
    expect(await host.host.fingerprint()).toBe(before);
    const seen = new Set([before]);
    const changes = [
      () => host.write('run/reboot-required.pkgs', 'libc6\nbash\n'),
      () => host.write('var/lib/dpkg/status', 'x'),
      () => host.write('boot/vmlinuz-6.8.0-49-generic'),
      () => host.write('proc/boot_id', 'another'),
      () => host.write('run/reboot-needed', 'kexec'),
      () => host.write('run/ostree/staged-deployment'),
      () => host.remove('run/reboot-required'),
      () => host.remove('run'),
    ];
    for (const change of changes) {
      change();
      seen.add(await host.host.fingerprint());
    }
    expect(seen.size).toBe(changes.length + 1);
  });
});
