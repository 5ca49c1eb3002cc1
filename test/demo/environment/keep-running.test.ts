import { type ChildProcess, spawn } from 'node:child_process';
import process from 'node:process';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keepRunning } from '../../../demo/environment/keep-running.ts';

const waits = { first: 1, longest: 4, steady: 60_000 };
const started: ChildProcess[] = [];

const program = (source: string): ChildProcess => {
  const child = spawn(process.execPath, ['-e', source], { stdio: 'ignore' });
  started.push(child);
  return child;
};
const lasting = (): ChildProcess => program('setInterval(() => {}, 1000)');
const exit = (child: ChildProcess): Promise<void> =>
  new Promise((resolve) => child.once('exit', () => resolve()));

/** Without it a program that is killed after its test is started again, and stays. */
let isOver = false;
beforeEach(() => {
  isOver = false;
});
afterEach(() => {
  isOver = true;
  for (const child of started.splice(0)) child.kill('SIGKILL');
});

describe('a program that is kept running', () => {
  it('is started again when it is killed and when it fails, and it is told how it ended', async () => {
    const ends: string[] = [];
    const enough = Promise.withResolvers<void>();
    const next = [(): ChildProcess => program('process.exit(3)'), lasting];
    const first = lasting();
    keepRunning({
      first,
      start: () => (next.shift() ?? lasting)(),
      childOf: (child) => child,
      isRequested: () => isOver,
      onRestart: (how) => {
        ends.push(how);
        if (ends.length === 2) enough.resolve();
      },
      backoff: waits,
    });
    first.kill('SIGKILL');
    await enough.promise;
    expect(ends).toEqual(['was ended by SIGKILL', 'ended with 3']);
  });

  it('stays down when that was wished for', async () => {
    const first = lasting();
    let starts = 0;
    let asked = 0;
    keepRunning({
      first,
      start: () => {
        starts += 1;
        return lasting();
      },
      childOf: (child) => child,
      isRequested: () => {
        asked += 1;
        return true;
      },
      onRestart: () => undefined,
      backoff: waits,
    });
    const over = exit(first);
    first.kill();
    await over;
    expect({ starts, asked }).toEqual({ starts: 0, asked: 1 });
  });

  it('stays down when that is wished for while it waits', async () => {
    const first = lasting();
    const answers = [false, true];
    const decided = Promise.withResolvers<void>();
    let starts = 0;
    keepRunning({
      first,
      start: () => {
        starts += 1;
        return lasting();
      },
      childOf: (child) => child,
      isRequested: () => {
        const answer = answers.shift() ?? true;
        if (answers.length === 0) decided.resolve();
        return answer;
      },
      onRestart: () => undefined,
      backoff: waits,
    });
    first.kill();
    await decided.promise;
    expect(starts).toBe(0);
  });
});
