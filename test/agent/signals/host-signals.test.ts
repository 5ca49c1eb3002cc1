import { utimesSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SignalReading } from '../../../src/reboot/nodes/node-report.ts';
import { hostSignalNames } from '../../../src/reboot/nodes/host-signals.ts';
import { signalFiles, watchedEntries } from '../../../src/agent/signals/host-signals.ts';
import { bootTwo, tempHost, type TempHost } from '../host/temp-host.ts';

async function signal(host: TempHost, name: string): Promise<SignalReading | undefined> {
  const { facts } = await host.host.read();
  return facts.signals?.find((reading) => reading.name === name);
}

/** A host that runs one kernel and has others installed, as images in /boot. */
function withKernels(running: string, images: readonly string[]): TempHost {
  const host = tempHost();
  host.write('proc/osrelease', `${running}\n`);
  host.remove('boot');
  host.remove('lib');
  for (const image of images) host.write(`boot/${image}`);
  host.directory(`lib/modules/${running}`);
  return host;
}

describe('the table of signals', () => {
  it('has a reading of each on a host that ostree booted, in one order', async () => {
    const host = tempHost();
    host.write('run/ostree-booted');
    const { facts } = await host.host.read();
    expect(facts.signals?.map(({ name }) => name)).toEqual(hostSignalNames);
  });

  it.each(signalFiles({ sentinel: 'run/reboot-required' }))(
    'makes the agent read anew when %s comes or goes',
    async (file) => {
      const host = tempHost();
      host.remove(file);
      const without = await host.host.fingerprint();
      host.write(file);
      expect(await host.host.fingerprint()).not.toBe(without);
      host.remove(file);
      expect(await host.host.fingerprint()).toBe(without);
    },
  );

  it.each([
    ['run/reboot-required', ['ostree', 'reboot-needed', 'reboot-required', 'reboot-required.pkgs']],
    ['var/run/reboot-required', ['ostree', 'reboot-needed', 'reboot-required', 'reboot-required.pkgs']],
    ['run/needs/reboot', ['reboot', 'reboot.pkgs']],
    ['opt/state/reboot', ['reboot', 'reboot.pkgs']],
  ])('with the sentinel %s watches its directory for %j', (sentinel, entries) => {
    expect([...watchedEntries({ sentinel })].toSorted()).toEqual(entries);
  });
});

describe('signal kernel', () => {
  it.each([
    [
      'Ubuntu',
      '6.8.0-99-generic',
      ['vmlinuz-6.8.0-99-generic', 'vmlinuz-6.8.0-111-generic'],
      '6.8.0-111-generic',
    ],
    ['Debian', '6.1.0-27-amd64', ['vmlinuz-6.1.0-27-amd64', 'vmlinuz-6.1.0-28-amd64'], '6.1.0-28-amd64'],
    [
      'RHEL',
      '5.14.0-427.el9.x86_64',
      ['vmlinuz-0-rescue-0123abcd', 'vmlinuz-5.14.0-427.el9.x86_64', 'vmlinuz-5.14.0-427.13.1.el9_4.x86_64'],
      '5.14.0-427.13.1.el9_4.x86_64',
    ],
    [
      'SLES',
      '6.4.0-150600.21-default',
      ['vmlinuz-6.4.0-150600.21-default', 'vmlinuz-6.4.0-150600.23.25-default'],
      '6.4.0-150600.23.25-default',
    ],
    [
      'Amazon Linux',
      '6.1.115-126.197.amzn2023.x86_64',
      ['vmlinuz-6.1.115-126.197.amzn2023.x86_64', 'vmlinuz-6.1.119-129.201.amzn2023.x86_64'],
      '6.1.119-129.201.amzn2023.x86_64',
    ],
  ])('says yes on %s when a newer one is installed', async (_what, running, images, newest) => {
    expect(await signal(withKernels(running, images), 'kernel')).toEqual({
      name: 'kernel',
      required: 'yes',
      reason: `Kernel ${newest} is installed and ${running} runs`,
    });
  });

  it.each([
    ['the newest runs', '6.8.0-111-generic', ['vmlinuz-6.8.0-99-generic', 'vmlinuz-6.8.0-111-generic']],
    ['an older one is all that is left', '6.8.0-111-generic', ['vmlinuz-6.8.0-99-generic']],
    [
      'a newer one is of another flavour',
      '6.8.0-45-generic',
      ['vmlinuz-6.8.0-45-generic', 'vmlinuz-6.11.0-9-lowlatency'],
    ],
    [
      'a newer one is Oracle’s',
      '5.14.0-427.el9.x86_64',
      ['vmlinuz-5.14.0-427.el9.x86_64', 'vmlinuz-5.15.0-300.163.18.el9uek.x86_64'],
    ],
  ])('says no when %s', async (_what, running, images) => {
    expect(await signal(withKernels(running, images), 'kernel')).toEqual({ name: 'kernel', required: 'no' });
  });

  it('looks at the modules on Arch, whose image has no version in its name', async () => {
    const host = withKernels('6.11.5-arch1-1', ['vmlinuz-linux', 'vmlinuz-linux-lts']);
    host.directory('lib/modules/6.6.58-1-lts');
    expect(await signal(host, 'kernel')).toEqual({ name: 'kernel', required: 'no' });
    host.directory('lib/modules/6.11.6-arch1-1');
    expect((await signal(host, 'kernel'))?.required).toBe('yes');
  });

  it('is unknown where no kernel of the running flavour is installed, or none can be seen', async () => {
    const foreign = withKernels('6.8.0-45-custom', ['vmlinuz-6.8.0-45-generic']);
    foreign.remove('lib/modules');
    foreign.directory('lib/modules/6.8.0-45-generic');
    expect(await signal(foreign, 'kernel')).toEqual({
      name: 'kernel',
      required: 'unknown',
      reason:
        'boot holds no kernel of the flavour of 6.8.0-45-custom; lib/modules holds no kernel of the flavour of 6.8.0-45-custom',
    });
    expect((await foreign.host.read()).facts.kernel).toEqual({ running: '6.8.0-45-custom' });
    const blind = tempHost();
    blind.remove('boot');
    blind.remove('lib');
    expect(await signal(blind, 'kernel')).toEqual({
      name: 'kernel',
      required: 'unknown',
      reason: 'boot is not there; lib/modules is not there',
    });
  });
});

describe('signal modules', () => {
  it('says yes when those of the running kernel are gone', async () => {
    const host = withKernels('6.11.5-arch1-1', []);
    expect(await signal(host, 'modules')).toEqual({ name: 'modules', required: 'no' });
    host.remove('lib/modules/6.11.5-arch1-1');
    host.directory('lib/modules/6.11.6-arch1-1');
    expect(await signal(host, 'modules')).toEqual({
      name: 'modules',
      required: 'yes',
      reason: 'The modules of the running kernel 6.11.5-arch1-1 are gone',
    });
  });

  it.each([
    ['OpenVZ', '3.10.0-1160.119.1.vz7.224.4', '6.1.0-28-amd64'],
    ['Linode', '6.14.3-x86_64-linode168', '6.8.0-49-generic'],
    ['a cloud of its own', '6.8.0-1017-aws', '6.8.0-49-generic'],
  ])('is unknown for a kernel from outside of the host, as of %s', async (_, running, installed) => {
    const host = withKernels(running, [`vmlinuz-${installed}`]);
    host.remove('lib/modules');
    host.directory(`lib/modules/${installed}`);
    expect(await signal(host, 'modules')).toMatchObject({ required: 'unknown' });
    expect(await signal(host, 'kernel')).toMatchObject({ required: 'unknown' });
    expect((await host.host.read()).facts.kernel).toEqual({ running });
  });

  it('is unknown where the directory is empty, or cannot be seen', async () => {
    const host = tempHost();
    host.remove('lib');
    expect((await signal(host, 'modules'))?.reason).toBe("The host's directory lib/modules is not there");
    host.directory('lib/modules');
    expect(await signal(host, 'modules')).toMatchObject({
      required: 'unknown',
      reason: 'lib/modules is empty',
    });
    host.remove('lib/modules');
    host.write('lib/modules');
    expect((await signal(host, 'modules'))?.reason).toBe('lib/modules cannot be read (ENOTDIR)');
  });
});

describe('signal suse', () => {
  it.each(['reboot', 'kexec', 'soft-reboot'])('says yes when %s would do, and says so', async (level) => {
    const host = tempHost();
    host.write('run/reboot-needed', `${level}\n`);
    utimesSync(host.path('run/reboot-needed'), 1_763_800_000, 1_763_800_000);
    expect(await signal(host, 'suse')).toEqual({
      name: 'suse',
      required: 'yes',
      reason: `A ${level} would do`,
      since: '2025-11-22T08:26:40.000Z',
    });
  });

  it.each(['', 'whatever', '\u0000\u0001', 'x'.repeat(10_000)])(
    'says yes whatever else the file holds',
    async (content) => {
      const host = tempHost();
      host.write('run/reboot-needed', content);
      expect(await signal(host, 'suse')).toMatchObject({ name: 'suse', required: 'yes' });
      expect(await signal(host, 'suse')).not.toHaveProperty('reason');
    },
  );

  it('is unknown when its directory is not there', async () => {
    const host = tempHost();
    host.remove('run');
    expect(await signal(host, 'suse')).toMatchObject({ required: 'unknown' });
  });
});

describe('signal ostree', () => {
  it('is none of a host that ostree did not boot', async () => {
    const host = tempHost();
    host.write('run/ostree/staged-deployment');
    expect(await signal(host, 'ostree')).toBeUndefined();
  });

  it('says yes while a deployment is staged', async () => {
    const host = tempHost();
    host.write('run/ostree-booted');
    expect(await signal(host, 'ostree')).toEqual({ name: 'ostree', required: 'no' });
    host.write('run/ostree/staged-deployment', '(binary)');
    expect(await signal(host, 'ostree')).toMatchObject({ required: 'yes', reason: 'A deployment is staged' });
    host.remove('run/ostree/staged-deployment');
    host.link('run/ostree/staged-deployment', 'nowhere');
    expect(await signal(host, 'ostree')).toMatchObject({ required: 'unknown' });
  });
});

describe('the time of the boot', () => {
  const bootedAt = async (host: TempHost): Promise<string | undefined> =>
    (await host.host.read()).facts.bootedAt;

  it('stays what it was when the clock is set, since a report that changes is a write', async () => {
    const host = tempHost();
    const before = await bootedAt(host);
    host.write('proc/stat', 'btime 1763700123\n');
    expect(await bootedAt(host)).toBe(before);
    host.write('proc/boot_id', `${bootTwo}\n`);
    expect(await bootedAt(host)).toBe('2025-11-21T04:42:03.000Z');
  });

  it.each(['', 'cpu 1 2 3\n', 'btime soon\n', 'btime 999999999999999999\n'])(
    'is left out, with a log line, of %j',
    async (content) => {
      const host = tempHost();
      host.write('proc/stat', content);
      const { facts, remarks } = await host.host.read();
      expect(facts).not.toHaveProperty('bootedAt');
      expect(remarks.map(({ message }) => message)).toEqual(['the time of the boot is not known']);
    },
  );
});
