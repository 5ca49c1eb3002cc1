import { statSync, symlinkSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { deviceOf, isLockOn } from '../../../src/agent/packages/file-locks.ts';
import { createPackageWatch } from '../../../src/agent/packages/package-work.ts';
import type { PackageWork } from '../../../src/reboot/nodes/node-report.ts';
import { holdLock } from './held-lock.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { harness } from '../start-agent.ts';
import { bootOne, stanza, tempHost, type TempHost } from '../host/temp-host.ts';

const frontend = 'var/lib/dpkg/lock-frontend';
const noon = Date.UTC(2026, 10, 22, 12);

function debian(): TempHost {
  const host = tempHost();
  host.write(frontend);
  host.write('var/lib/dpkg/status', stanza('libc6', '2.39'));
  return host;
}

const look = (host: TempHost): Promise<PackageWork | undefined> =>
  createPackageWatch({ root: host.root, proc: host.path('proc'), now: () => noon }).read();

/** A line of /proc/locks about a file, as the kernel writes it. */
function lockLine(host: TempHost, name: string, { pid = 812, kind = 'POSIX', device = '' } = {}): string {
  const { dev, ino } = statSync(host.path(name));
  const { major, minor } = deviceOf(dev);
  const hex = (part: number): string => part.toString(16).padStart(2, '0');
  return `1: ${kind}  ADVISORY  WRITE ${pid} ${device === '' ? `${hex(major)}:${hex(minor)}` : device}:${ino} 0 EOF\n`;
}

function process(host: TempHost, pid: number, name: string, { nspid = String(pid), cgroup = '' } = {}): void {
  host.write(`proc/${pid}/comm`, `${name}\n`);
  host.write(`proc/${pid}/status`, `Name:\t${name}\nNSpid:\t${nspid}\n`);
  host.write(`proc/${pid}/cgroup`, `0::${cgroup === '' ? '/system.slice/apt-daily.service' : cgroup}\n`);
}

describe('a lock of a package manager', () => {
  it('is seen by device and inode, with who holds it', async () => {
    const host = debian();
    host.write('proc/locks', lockLine(host, frontend));
    process(host, 812, 'apt-get');
    expect(await look(host)).toEqual({
      since: '2026-11-22T12:00:00.000Z',
      active: true,
      what: 'apt-get (pid 812) holds /var/lib/dpkg/lock-frontend',
    });
  });

  it('is seen when it is real, and not when it is released', async () => {
    const host = debian();
    symlinkSync('/proc/locks', host.path('proc/locks'));
    expect(await look(host)).toBeUndefined();
    const lock = holdLock(host.path(frontend));
    const held = await look(host);
    lock.release();
    expect(held).toMatchObject({
      active: true,
      what: expect.stringContaining(`holds /${frontend}`) as string,
    });
    expect(await look(host)).toBeUndefined();
  });

  it.each([
    ['of btrfs, which shows another device', { device: '00:2a' }, {}, true],
    [
      'of nobody that manages packages, on another file system with the same inode',
      { device: '00:2a' },
      { name: 'postgres' },
      false,
    ],
    ['of a container, by its PIDs', { device: '00:2a' }, { nspid: '812\t7' }, false],
    [
      'of a host with cgroup v1 where something mounted v2 beside it, as Cilium does',
      { device: '00:2a' },
      { cgroup: '/\n4:memory:/system.slice\n1:name=systemd:/system.slice/zypper.service' },
      true,
    ],
    ['of the container of the agent', { device: '00:2a' }, { cgroup: '/' }, false],
    [
      'of a container, by its cgroup',
      { device: '00:2a' },
      { cgroup: '/../../kubepods-burstable.slice/x' },
      false,
    ],
    ['that is none of fcntl', { kind: 'FLOCK' }, {}, false],
    ['of an open file description', { kind: 'OFDLCK', pid: -1 }, {}, true],
  ])(
    '%s',
    async (
      _,
      line,
      { name = 'zypper', ...about }: { name?: string; nspid?: string; cgroup?: string },
      seen,
    ) => {
      const host = debian();
      host.write('proc/locks', lockLine(host, frontend, line));
      process(host, 812, name, about);
      expect((await look(host)) !== undefined).toBe(seen);
    },
  );

  it('of rpm is seen by the name of its process: its database is not mounted', async () => {
    const host = tempHost();
    host.write(
      'proc/locks',
      '1: POSIX  ADVISORY  WRITE 99 fd:00:4242 0 EOF\n1: -> POSIX  ADVISORY  WRITE 98 fd:00:4242 0 EOF\n',
    );
    process(host, 99, 'dnf');
    expect(await look(host)).toMatchObject({ what: 'dnf (pid 99) holds a lock' });
  });

  // As /proc/locks shows the lock of `ostree admin cleanup` (2022.7) on its sysroot.
  const ofOstree = '1: OFDLCK ADVISORY  WRITE -1 fe:00:9980944 0 EOF\n';

  it.each([
    ['rpm-ostree', true],
    ['bootc', true],
    ['crio', false],
  ])('of ostree is seen while %s runs: %s', async (name, seen) => {
    const host = tempHost();
    host.write('run/ostree-booted');
    process(host, 640, name);
    expect(await look(host)).toBeUndefined();
    host.write('proc/locks', ofOstree);
    expect((await look(host))?.what).toBe(seen ? `${name} (pid 640) is at work` : undefined);
  });

  it('that names no process is nobody’s of ostree on a host that ostree did not boot', async () => {
    const host = tempHost();
    process(host, 640, 'ostree');
    host.write('proc/locks', ofOstree);
    expect(await look(host)).toBeUndefined();
  });

  it('of zypper is seen by its PID file while it runs', async () => {
    const host = tempHost();
    host.write('run/zypp.pid', '77\n');
    expect(await look(host)).toBeUndefined();
    process(host, 77, 'zypper');
    expect(await look(host)).toMatchObject({ what: 'zypper (pid 77) holds /run/zypp.pid' });
  });
});

// A file in a subvolume as stat(2) and /proc/locks show it: 41 is the device of the subvolume.
describe('a lock on a file of btrfs', () => {
  const lock = { pid: 28_008, name: 'python3', contained: false, anonymous: false };
  const place = { major: 0, minor: 0x27, inode: 260 };
  it.each([
    ['of another device without a driver', {}, true],
    ['in a container', { contained: true }, false],
    ['of another inode', { inode: 261 }, false],
    ['on a disk', { major: 0xfe }, false],
  ])('%s: %s', (_, differs, isOnIt) => {
    expect(isLockOn({ ...lock, ...place, ...differs }, { dev: 41, ino: 260 })).toBe(isOnIt);
  });
});

describe('an inhibitor of a shutdown', () => {
  const inhibitor = (mode: string, what = 'shutdown:sleep'): string =>
    `# This is private data. Do not parse.\nWHAT=${what}\nMODE=${mode}\nUID=0\nPID=55\nWHO=RPM\nWHY=Transaction\\x20running\n`;
  it.each([
    ['block', 'shutdown:sleep', 'RPM blocks a shutdown: Transaction running'],
    ['delay', 'shutdown:sleep', undefined],
    ['block', 'sleep', undefined],
  ])('with mode %s of %s: %s', async (mode, what, said) => {
    const host = tempHost();
    host.write('run/systemd/inhibit/1', inhibitor(mode, what));
    expect((await look(host))?.what).toBe(said);
  });

  it('of a process that is gone counts for nothing', async () => {
    const host = tempHost();
    host.write('run/systemd/inhibit/1', inhibitor('block'));
    process(host, 1, 'systemd');
    expect(await look(host)).toBeUndefined();
    process(host, 55, 'rpm');
    expect(await look(host)).toMatchObject({ active: true });
  });
});

describe('packages that were left half done', () => {
  it.each(['half-configured', 'half-installed', 'unpacked'])(
    '%s: are told, and nobody is at it',
    async (state) => {
      const host = debian();
      const many = Array.from({ length: 2_000 }, (_, n) => stanza(`package-${n}`, '1.0')).join('');
      host.write(
        'var/lib/dpkg/status',
        many + stanza('linux-image-6.8', '6.8', `install ok ${state}`) + many,
      );
      expect(await look(host)).toMatchObject({ active: false, what: `package linux-image-6.8 is ${state}` });
    },
  );

  it('are told by the journal of a dpkg that was interrupted', async () => {
    const host = debian();
    host.directory('var/lib/dpkg/updates');
    expect(await look(host)).toBeUndefined();
    host.write('var/lib/dpkg/updates/0001');
    expect(await look(host)).toMatchObject({ active: false, what: 'dpkg was interrupted' });
  });
});

describe('an order while packages are being changed', () => {
  async function ordered(spec: { readonly whilePackagesChange?: boolean } = {}) {
    const timers = fakeClock();
    const world = await harness({ timers });
    world.host.write(frontend);
    symlinkSync('/proc/locks', world.host.path('proc/locks'));
    const lock = holdLock(world.host.path(frontend));
    world.api.cordoned = true;
    world.api.create();
    await world.start();
    await world.until(() => world.api.object?.status?.['packageWork'] !== undefined, 'the report');
    world.api.order(bootOne, spec);
    return { ...world, timers, lock };
  }

  it('waits with a sentence, and is obeyed when the lock is gone', async () => {
    const { lock, timers, ...world } = await ordered();
    await world.until(() => world.receipt()?.state === 'refused', 'the refusal');
    expect(world.receipt()?.message).toMatch(
      /^Packages are being changed: .* holds \/var\/lib\/dpkg\/lock-frontend$/,
    );
    expect(world.attempts).toEqual([]);
    lock.release();
    await timers.untilWaiting(5_000);
    timers.advance(5_000);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    await world.stop();
  });

  it('is not carried out when a lock is taken while its receipt is stored', async () => {
    const timers = fakeClock();
    let lock: ReturnType<typeof holdLock> | undefined;
    const world = await harness({
      timers,
      api: {
        keep(status) {
          if ((status['order'] as { state?: string } | undefined)?.state === 'obeying')
            lock ??= holdLock(world.host.path(frontend));
          return status;
        },
      },
    });
    world.host.write(frontend);
    symlinkSync('/proc/locks', world.host.path('proc/locks'));
    world.api.cordoned = true;
    world.api.create();
    await world.start();
    await world.until(() => world.api.object?.status?.['bootId'] !== undefined, 'the report');
    world.api.order(bootOne);
    await world.until(() => world.receipt()?.state === 'refused', 'the refusal');
    expect(world.attempts).toEqual([]);
    await timers.untilWaiting(5_000);
    lock?.release();
    timers.advance(5_000);
    await world.until(() => world.attempts.length === 1, 'the reboot');
    await world.stop();
  });

  it('is obeyed all the same where a person said so', async () => {
    const { lock, ...world } = await ordered({ whilePackagesChange: true });
    await world.until(() => world.attempts.length === 1, 'the reboot');
    lock.release();
    await world.stop();
  });
});
