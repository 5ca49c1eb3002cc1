import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { aptSetting, isAptTrue } from '../../../src/agent/packages/apt-settings.ts';
import { iniSetting, readOtherRebooters } from '../../../src/agent/signals/find-other-rebooters.ts';
import { otherRebooterNames, reportLimits } from '../../../src/reboot/nodes/report-limits.ts';
import { runsOf, outcomeCounts } from '../../property-runs.ts';
import { harness } from '../start-agent.ts';
import { tempHost, type TempHost } from './temp-host.ts';

const look = (host: TempHost): ReturnType<typeof readOtherRebooters> =>
  readOtherRebooters({ root: host.root, proc: host.path('proc') });

function process(host: TempHost, pid: number, name: string, cgroup = '/system.slice/x.service'): void {
  host.write(`proc/${pid}/comm`, `${name}\n`);
  host.write(`proc/${pid}/status`, `Name:\t${name}\nNSpid:\t${pid}\n`);
  host.write(`proc/${pid}/cgroup`, `0::${cgroup}\n`);
}

function pipe(host: TempHost, name: string): void {
  mkdirSync(dirname(host.path(name)), { recursive: true });
  expect(spawnSync('mkfifo', [host.path(name)]).status).toBe(0);
}

const automatic = 'Unattended-Upgrade::Automatic-Reboot';
const aptFile = 'etc/apt/apt.conf.d/50unattended-upgrades';

describe('a service that reboots its host', () => {
  it.each([
    ['locksmithd', 'locksmithd'],
    ['rebootmgrd', 'rebootmgr'],
    ['zincati', 'zincati'],
  ])('%s is seen among the children of the first process', async (comm, name) => {
    const host = tempHost();
    process(host, 812, comm);
    process(host, 813, 'sshd');
    host.write('proc/1/task/1/children', '813 ');
    expect(await look(host)).toEqual([]);
    host.write('proc/1/task/1/children', '812 813 ');
    expect(await look(host)).toEqual([{ name, what: `${comm} runs` }]);
  });

  it('is seen among all processes where the kernel does not tell of children', async () => {
    const host = tempHost();
    for (let pid = 300; pid < 500; pid += 1) process(host, pid, 'nginx');
    process(host, 812, 'zincati');
    process(host, 811, 'locksmithd');
    expect((await look(host)).map(({ name }) => name)).toEqual(['locksmithd', 'zincati']);
  });

  it('is none in a container', async () => {
    const host = tempHost();
    process(host, 812, 'locksmithd', '/../../kubepods-burstable.slice/x');
    expect(await look(host)).toEqual([]);
  });

  it('says the same after a restart of it', async () => {
    const host = tempHost();
    process(host, 812, 'locksmithd');
    const before = await look(host);
    host.remove('proc/812');
    process(host, 990, 'locksmithd');
    expect(await look(host)).toEqual(before);
  });
});

describe('a scheduled shutdown', () => {
  const file = 'run/systemd/shutdown/scheduled';
  it.each([
    ['reboot', 'a reboot is scheduled for 2026-11-22T02:00:00.000Z'],
    ['poweroff', 'a shutdown is scheduled for 2026-11-22T02:00:00.000Z'],
    ['dry-reboot', undefined],
    ['nonsense', undefined],
  ])('with mode %s: %s', async (mode, what) => {
    const host = tempHost();
    host.write(file, `USEC=${Date.UTC(2026, 10, 22, 2) * 1000}\nWARN_WALL=1\nMODE=${mode}\nUID=0\n`);
    expect(await look(host)).toEqual(what === undefined ? [] : [{ name: 'shutdown', what }]);
  });

  it('whose time nobody can read is one all the same', async () => {
    const host = tempHost();
    host.write(file, 'USEC=99999999999999999999\nMODE=reboot\n');
    expect(await look(host)).toEqual([{ name: 'shutdown', what: 'a reboot is scheduled' }]);
  });
});

describe('unattended-upgrades', () => {
  it.each([
    ['on', `${automatic} "true";`, true],
    ['on, as apt shows it', `Unattended-Upgrade "";\n${automatic} "1";`, true],
    ['on, nested', 'Unattended-Upgrade\n{\n  Automatic-Reboot "yes"; // at night\n};', true],
    ['on, without the last mark', 'Unattended-Upgrade { Automatic-Reboot on }', true],
    ['on, in other capitals', 'unattended-upgrade::automatic-reboot "True";', true],
    ['off', `${automatic} "false";`, false],
    ['off, in the end', `${automatic} "true";\n${automatic} "false";`, false],
    ['in a comment', `//${automatic} "true";\n# ${automatic} "true";\n/* ${automatic} "true"; */`, false],
    ['in a comment that does not end', `/* ${automatic} "true";`, false],
    ['of another name', `${automatic}-Time "02:00"; ${automatic}-WithUsers "true";`, false],
    ['in another block', `APT { ${automatic} "true"; };`, false],
    ['in a value', `Acquire::Name "${automatic} true; ${automatic}";`, false],
  ])('whose reboots are %s', async (_, text, isOn) => {
    const host = tempHost();
    host.write(aptFile, text);
    expect(await look(host)).toEqual(
      isOn ? [{ name: 'unattended-upgrades', what: `${automatic} is on in /${aptFile}` }] : [],
    );
  });

  it('is read in the order of its files, and of those that apt reads alone', async () => {
    const host = tempHost();
    host.write(aptFile, `${automatic} "true";`);
    host.write('etc/apt/apt.conf.d/52local.conf', `${automatic} "false";`);
    host.write('etc/apt/apt.conf.d/60local.dpkg-old', `${automatic} "true";`);
    expect(await look(host)).toEqual([]);
    host.write('etc/apt/apt.conf.d/99last', `${automatic} "true";`);
    expect(await look(host)).toMatchObject([{ what: expect.stringContaining('/99last') as string }]);
  });

  it('is not waited for behind a named pipe, and is read past the files that are none', async () => {
    const host = tempHost();
    pipe(host, 'etc/apt/apt.conf.d/10pipe');
    host.directory('etc/apt/apt.conf.d/20directory');
    host.link('etc/apt/apt.conf.d/30link', '/etc/shadow');
    host.write(aptFile, `${automatic} "true";`);
    expect(await look(host)).toHaveLength(1);
  });
});

describe('dnf-automatic', () => {
  it.each([
    ['[commands]\nreboot = when-needed\n', 'reboot = when-needed in /etc/dnf/automatic.conf'],
    ['[commands]\nreboot=never\nReboot : when-changed\n', 'reboot = when-changed in /etc/dnf/automatic.conf'],
    ['[commands]\nreboot = never\n', undefined],
    ['[commands]\n# reboot = when-needed\n', undefined],
    ['[base]\nreboot = when-needed\n', undefined],
    ['reboot = when-needed\n', undefined],
    ['[commands]\nreboot_command = "shutdown -r"\n', undefined],
  ])('of %j: %s', async (text, what) => {
    const host = tempHost();
    host.write('etc/dnf/automatic.conf', text);
    expect(await look(host)).toEqual(what === undefined ? [] : [{ name: 'dnf-automatic', what }]);
  });

  it('is not waited for behind a named pipe', async () => {
    const host = tempHost();
    pipe(host, 'etc/dnf/automatic.conf');
    expect(await look(host)).toEqual([]);
  });
});

describe('whatever these files hold', () => {
  const piece = fc.constantFrom(
    'Unattended-Upgrade',
    '::',
    'Automatic-Reboot',
    '"true"',
    '"',
    '{',
    '}',
    ';',
    ' ',
    '\n',
    '/*',
    '*/',
    `\n${automatic} "on";`,
    '\n[commands]\nreboot=when-needed\n',
    '\nMODE=reboot\n',
    '//',
    '#',
    '[commands]',
    'reboot',
    '=',
    'when-needed',
    'MODE=reboot',
    'USEC=',
    '1',
    '\0',
    '\u202E',
  );
  const text = fc.oneof(
    fc.array(piece, { maxLength: 60 }).map((pieces) => pieces.join('')),
    fc.string({ unit: 'binary' }),
  );

  it('the last value is found, however the statements are nested, quoted and commented', () => {
    const met = outcomeCounts<'found' | 'overwritten'>();
    const part = fc.constantFrom('Unattended-Upgrade', 'unattended-upgrade', 'Automatic-Reboot', 'APT', 'x');
    const statement = fc.record({
      path: fc.array(part, { minLength: 1, maxLength: 4 }),
      value: fc.constantFrom('true', 'false', 'on', '1'),
      nested: fc.nat(3),
      quoted: fc.boolean(),
      around: fc.constantFrom('', ' ', '\n', '// {"\n', '/* ; " { */', '# } \n'),
    });
    type Statement = typeof statement extends fc.Arbitrary<infer One> ? One : never;
    const written = ({ path, value, nested, quoted, around }: Statement): string => {
      const blocks = path.slice(0, Math.min(nested, path.length - 1));
      const name = path.slice(blocks.length).join('::');
      const opened = blocks.map((block) => `${block} {${around}`).join('');
      return `${around}\n${opened}${name} ${quoted ? `"${value}"` : value}; ${'};'.repeat(blocks.length)}`;
    };
    fc.assert(
      fc.property(fc.array(statement, { maxLength: 12 }), (statements) => {
        const values = statements
          .filter(({ path }) => path.join('::').toLowerCase() === automatic.toLowerCase())
          .map(({ value }) => value);
        met.saw('found', values.length > 0);
        met.saw('overwritten', values.length > 1);
        expect(aptSetting(statements.map(written).join('\n'), automatic)).toBe(values.at(-1));
      }),
      {
        numRuns: runsOf(1_000),
        examples: [[[{ path: ['x'], value: 'on', nested: 0, quoted: true, around: '# } \n' }]]],
      },
    );
    met.atLeast({ found: 40, overwritten: 2 });
  });

  it('a report of them is bounded, clean, and names what is known', async () => {
    const host = tempHost();
    const met = outcomeCounts<'seen'>();
    await fc.assert(
      fc.asyncProperty(text, text, text, async (apt, dnf, shutdown) => {
        host.write(aptFile, apt);
        host.write('etc/dnf/automatic.conf', dnf);
        host.write('run/systemd/shutdown/scheduled', shutdown);
        const seen = await look(host);
        met.saw('seen', seen.length > 0);
        expect(seen.length).toBeLessThanOrEqual(reportLimits.otherRebooters);
        for (const { name, what } of seen) {
          expect(otherRebooterNames).toContain(name);
          expect(what.length).toBeLessThanOrEqual(reportLimits.reasonLength);
          expect(what).not.toMatch(/[\p{Cc}\p{Cf}]/u);
        }
        expect(typeof (iniSetting(dnf, 'commands', 'reboot') ?? '')).toBe('string');
      }),
      { numRuns: runsOf(60) },
    );
    met.atLeast({ seen: 2 });
  });

  it.each([
    ['comments that do not end', '/*'],
    ['texts that do not end', '"a'],
    ['blocks', 'a{'],
    ['statements in deep blocks', `${'a{'.repeat(15)}b c;`],
    ['words', 'a '],
  ])('a file full of %s is read in one pass', (_, unit) => {
    // Quadratic work on a quarter of a megabyte would take minutes, and the runner's own limit ends it.
    const full = unit.repeat(Math.ceil((256 * 1024) / unit.length));
    expect(aptSetting(full, automatic)).toBeUndefined();
  });

  it.each(['true', ' Yes ', '1', 'with', 'on', 'enable'])('%j is a yes of apt', (value) =>
    expect(isAptTrue(value)).toBe(true),
  );
  it.each(['false', '', '2', 'no', 'off', 'truely'])('%j is none', (value) =>
    expect(isAptTrue(value)).toBe(false),
  );
});

describe('an agent', () => {
  it('reports what it sees by itself at its next look, and takes it back', async () => {
    const world = await harness({ restat: 20 });
    const reported = (): unknown => world.api.object?.status?.['otherRebooters'];
    world.api.create();
    await world.start();
    await world.until(() => world.api.object?.status !== undefined, 'the first report');
    expect(reported()).toBeUndefined();
    process(world.host, 812, 'locksmithd');
    await world.until(() => reported() !== undefined, 'the report of the service');
    expect(reported()).toEqual([{ name: 'locksmithd', what: 'locksmithd runs' }]);
    world.host.remove('proc/812');
    await world.until(() => (reported() ?? undefined) === undefined, 'the report without it');
    await world.stop();
  });
});
