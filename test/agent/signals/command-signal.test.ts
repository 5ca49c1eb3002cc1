import { describe, expect, it } from 'vitest';
import { readCommands, readInHost } from '../../../src/agent/signals/command-settings.ts';
import { type CommandSignal, readingOf } from '../../../src/agent/signals/command-signal.ts';
import type { RunResult } from '../../../src/agent/orders/run-program.ts';
import { reportLimits } from '../../../src/reboot/nodes/report-limits.ts';

function configured(value: unknown): { commands: readonly CommandSignal[]; problems: readonly string[] } {
  const problems: string[] = [];
  const given = typeof value === 'string' ? value : JSON.stringify(value);
  const commands = readCommands({ TUGBOOT_SIGNAL_COMMANDS: given }, (_variable, what) => problems.push(what));
  return { commands, problems };
}

function command(value: unknown): CommandSignal {
  const { commands, problems } = configured([value]);
  expect(problems).toEqual([]);
  return commands[0] ?? expect.unreachable();
}

const mine = command({ name: 'mine', command: ['/opt/check'] });
const ended = (code: number, output = '', errors = ''): RunResult => ({
  kind: 'ended',
  code,
  output,
  errors,
});

describe('a command of the operator', () => {
  it('says yes with 0, no with 1, and with anything else nothing', () => {
    const answers = Array.from({ length: 256 }, (_, code) => readingOf(mine, ended(code)).required);
    expect(answers.slice(0, 2)).toEqual(['yes', 'no']);
    expect(new Set(answers.slice(2))).toEqual(new Set(['unknown']));
  });

  it('says what it printed, on one line and bounded', () => {
    expect(readingOf(mine, ended(0, 'firmware\n\u001b[31m 2.4\n'))).toEqual({
      name: 'mine',
      required: 'yes',
      reason: 'firmware [31m 2.4',
    });
    const { reason } = readingOf(mine, ended(0, 'long '.repeat(1000)));
    expect(reason?.length).toBeLessThanOrEqual(reportLimits.reasonLength);
  });

  it.each<[string, RunResult, string]>([
    [
      'is not there',
      { kind: 'not-run', why: 'spawn /opt/check ENOENT' },
      '/opt/check cannot be run: spawn /opt/check ENOENT',
    ],
    [
      'is not there behind a shell',
      ended(127, '', 'sh: 1: /opt/check: not found'),
      '/opt/check ended with exit code 127: sh: 1: /opt/check: not found',
    ],
    ['takes too long', { kind: 'late' }, '/opt/check took longer than 30 s'],
    ['is killed', { kind: 'killed', signal: 'SIGSEGV' }, '/opt/check was ended by SIGSEGV'],
    [
      'cannot be run on the host, which ends with 1',
      ended(1, '', "nsenter: reassociate to namespace 'ns/mnt' failed: Operation not permitted"),
      "/opt/check ended with exit code 1: nsenter: reassociate to namespace 'ns/mnt' failed: Operation not permitted",
    ],
  ])('is unknown when it %s', (_what, ran, reason) => {
    expect(readingOf(mine, ran)).toEqual({ name: 'mine', required: 'unknown', reason });
  });
});

const dnfYes = `Core libraries or services have been updated since boot-up:
  * glibc
  * kernel
  * kernel-core

Reboot is required to fully utilize these updates.
More information: https://access.redhat.com/solutions/27943
`;
const dnfNo = `No core libraries or services have been updated since boot-up.
Reboot should not be necessary.
`;
const yumYes = `Core libraries or services have been updated:
  kernel -> 3.10.0-1160.119.1.el7
  systemd -> 219-78.el7_9.9

Reboot is required to ensure that your system benefits from these updates.

More information:
https://access.redhat.com/solutions/27943
`;

describe('the presets', () => {
  it.each([
    ['dnf', 1, dnfYes, ['glibc', 'kernel', 'kernel-core']],
    ['dnf5', 1, dnfYes, ['glibc', 'kernel', 'kernel-core']],
    ['needs-restarting', 1, yumYes, ['kernel', 'systemd']],
  ])('%s says yes with %i, for the packages that it lists', (name, code, output, packages) => {
    expect(readingOf(command(name), ended(code, output))).toEqual({
      name,
      required: 'yes',
      packages: packages.map((pack) => ({ name: pack })),
    });
  });

  it('zypper says yes with a code of its own', () => {
    expect(readingOf(command('zypper'), ended(102, 'Reboot is suggested.')).required).toBe('yes');
    expect(readingOf(command('zypper'), ended(0)).required).toBe('no');
    expect(readingOf(command('zypper'), ended(1, '', 'zypp lock')).required).toBe('unknown');
  });

  it.each(['dnf', 'dnf5', 'needs-restarting'])('%s says no with 0', (name) => {
    expect(readingOf(command(name), ended(0, dnfNo))).toEqual({ name, required: 'no' });
  });

  it.each([
    [
      'the plugin is not installed',
      ended(1, '', 'No such command: needs-restarting. Use /usr/bin/dnf --help'),
    ],
    ['it crashes', ended(1, '', 'Traceback (most recent call last):')],
    ['the program is not there', ended(127, '', 'needs-restarting: command not found')],
    ['it says nothing', ended(1)],
  ])('dnf is unknown, not yes, when %s', (_what, ran) => {
    expect(readingOf(command('dnf'), ran).required).toBe('unknown');
  });

  it('never names more packages than a reading holds', () => {
    const many = Array.from({ length: 500 }, (_, index) => `  * package-${index}`).join('\n');
    const { packages } = readingOf(command('dnf'), ended(1, `${many}\nReboot is required`));
    expect(packages).toHaveLength(reportLimits.signalPackages);
  });
});

describe('the setting', () => {
  it('takes names of presets, and commands with their own codes and times', () => {
    const own = {
      name: 'own',
      command: ['a', 'b'],
      yes: [3],
      no: [4, 5],
      timeoutSeconds: 5,
      everySeconds: 60,
    };
    const { commands, problems } = configured([
      'dnf',
      { preset: 'dnf5', name: 'fedora', everySeconds: 3600 },
      own,
    ]);
    expect(problems).toEqual([]);
    expect(commands).toMatchObject([
      {
        name: 'dnf',
        command: ['dnf', '-C', 'needs-restarting', '-r'],
        yes: [1],
        no: [0],
        timeout: 30_000,
        every: 900_000,
      },
      { name: 'fedora', every: 3_600_000 },
      { name: 'own', command: ['a', 'b'], yes: [3], no: [4, 5], timeout: 5_000, every: 60_000 },
    ]);
  });

  it('is empty when nothing is given', () => {
    expect(readCommands({}, () => expect.unreachable())).toEqual([]);
    expect(readInHost({}, () => expect.unreachable())).toBe(false);
  });

  it.each<[unknown, string]>([
    ['dnf', 'is no JSON list'],
    [['rpm'], 'knows the presets'],
    [[7], 'needs a "command"'],
    [[{ command: ['x'] }], 'needs a "name"'],
    [[{ name: 'UP', command: ['x'] }], 'needs a "name"'],
    [[{ name: 'x' }], 'needs a "command"'],
    [[{ name: 'x', command: 'reboot now' }], 'needs a "command"'],
    [[{ name: 'x', command: [] }], 'needs a "command"'],
    [[{ name: 'x', command: ['y'], yes: [127] }], 'exit codes'],
    [[{ name: 'x', command: ['y'], yes: [1] }], 'exit codes'],
    [[{ name: 'x', command: ['y'], no: 'one' }], 'exit codes'],
    [[{ name: 'x', command: ['y'], timeoutSeconds: 0 }], '"timeoutSeconds" is not between'],
    [[{ name: 'x', command: ['y'], shell: true }], 'has no setting "shell"'],
    [[{ preset: 'dnf', command: ['x'] }], 'knows the presets'],
    [['dnf', 'dnf'], 'twice'],
    [[{ name: 'kernel', command: ['x'] }], 'every agent has'],
    [
      Array.from({ length: 30 }, (_, index) => ({ name: `c${index}`, command: ['x'] })),
      'more than 15 commands',
    ],
  ])('%j is refused', (value, what) => {
    expect(configured(value).problems.join('\n')).toContain(what);
  });
});
