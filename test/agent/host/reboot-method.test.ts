import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { describe, expect, it } from 'vitest';
import {
  createRebootHost,
  type RebootDeps,
  type RebootOutcome,
} from '../../../src/agent/orders/reboot-method.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { realClock } from '../start-agent.ts';

function reboot(deps: Partial<RebootDeps>): Promise<RebootOutcome> {
  const never = { pid: 4711, kill: () => expect.unreachable('nobody may be signalled here') };
  const signal = { kind: 'signal', signal: 39 } as const;
  return createRebootHost({ method: signal, timers: realClock, env: {}, process: never, ...deps })();
}

const command = (...words: [string, ...string[]]): Pick<RebootDeps, 'method' | 'env'> => ({
  method: { kind: 'command', command: words, inHost: false },
  env: { PATH: process.env['PATH'], WORD: 'seen' },
});

describe('rebooting by a command of the host', () => {
  it('runs it in the mount namespace of the host’s first process', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'tugboot-nsenter-'));
    const said = join(folder, 'said');
    writeFileSync(join(folder, 'nsenter'), '#!/bin/sh\necho "$@" > "$SAID"\n', { mode: 0o755 });
    const method = { kind: 'command', command: ['systemctl', 'reboot'], inHost: true } as const;
    const env = { PATH: `${folder}:${process.env['PATH']}`, SAID: said };
    expect(await reboot({ method, env })).toEqual({ asked: true });
    expect(readFileSync(said, 'utf8')).toBe('--target 1 --mount -- systemctl reboot\n');
    rmSync(folder, { recursive: true });
  });
});

describe('rebooting by signal', () => {
  it('sends SIGRTMIN+5 to the host’s first process', async () => {
    const sent: unknown[] = [];
    const outcome = await reboot({ process: { pid: 4711, kill: (...what) => sent.push(what) } });
    expect(outcome).toEqual({ asked: true });
    expect(sent).toEqual([[1, 39]]);
  });

  it('fails in words when the signal is not allowed', async () => {
    const kill = (): never => {
      throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
    };
    expect(await reboot({ process: { pid: 4711, kill } })).toEqual({
      asked: false,
      why: 'Signal 39 to the host’s first process failed: kill EPERM'.replace('’', "'"),
    });
  });

  it('signals nobody when it is the first process itself', async () => {
    const outcome = await reboot({
      process: { pid: 1, kill: () => expect.unreachable('it would end itself') },
    });
    expect(outcome).toMatchObject({ asked: false, why: expect.stringContaining('hostPID') as string });
  });
});

describe('rebooting by command', () => {
  it('has asked when the command ends well', async () => {
    expect(await reboot(command('sh', '-c', 'test "$WORD" = seen'))).toEqual({ asked: true });
  });

  it('fails with the exit code and what the command said, on one line', async () => {
    const outcome = await reboot(command('sh', '-c', 'printf "no\\033[31m\\nbus" >&2; exit 3'));
    expect(outcome).toEqual({ asked: false, why: 'The reboot command ended with exit code 3: no[31m bus' });
  });

  it('fails when there is no such command', async () => {
    const outcome = await reboot(command('/nowhere/reboot'));
    expect(outcome).toEqual({
      asked: false,
      why: 'The reboot command cannot be run: spawn /nowhere/reboot ENOENT',
    });
  });

  it('ends a command that hangs', async () => {
    const timers = fakeClock();
    const outcome = reboot({ ...command('sleep', '600'), timers });
    await timers.untilWaiting(60_000);
    timers.advance(60_000);
    expect(await outcome).toEqual({
      asked: false,
      why: 'The reboot command took longer than 60 s and was ended',
    });
  });
});
