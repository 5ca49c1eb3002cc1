import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { runProgram } from '../../../src/agent/orders/run-program.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';
import { realClock } from '../start-agent.ts';
import { tempHost } from './temp-host.ts';

const env = { PATH: '/usr/bin:/bin' };
const sh = (script: string): readonly [string, ...string[]] => ['sh', '-c', script];
const run = async (script: string) =>
  runProgram({ command: sh(script), env, timeout: 20_000, timers: realClock });

describe('a program', () => {
  it('is told by its exit code and what it printed where', async () => {
    expect(await run('echo out; echo err >&2; exit 7')).toEqual({
      kind: 'ended',
      code: 7,
      output: 'out\n',
      errors: 'err\n',
    });
  });

  it('sees nothing of the agent’s environment', async () => {
    const ran = await run('env');
    expect(ran.kind === 'ended' && ran.output.split('\n').some((line) => line.startsWith('NODE'))).toBe(
      false,
    );
  });

  it('may print without end; a beginning of it is kept', async () => {
    const ran = await run('head -c 3000000 /dev/zero | tr "\\0" x; exit 5');
    expect(ran).toMatchObject({ kind: 'ended', code: 5 });
    expect(ran.kind === 'ended' && ran.output.length).toBe(16_384);
  });

  it('is told of when it is killed, or is not there', async () => {
    expect(await run('kill -SEGV $$')).toEqual({ kind: 'killed', signal: 'SIGSEGV' });
    expect(await runProgram({ command: ['/nowhere'], env, timeout: 1000, timers: realClock })).toMatchObject({
      kind: 'not-run',
    });
  });

  it('is killed with all that it started when its time is over', async () => {
    const host = tempHost();
    const timers = fakeClock();
    const pidFile = host.path('pid');
    const ran = runProgram({
      command: sh(`sleep 600 & echo $! > ${pidFile}.new; mv ${pidFile}.new ${pidFile}; wait`),
      env,
      timeout: 5_000,
      timers,
    });
    await timers.untilWaiting(5_000);
    const pid = await expect
      .poll(() => Number(readFileSync(pidFile, 'utf8')))
      .toBeGreaterThan(0)
      .then(() => Number(readFileSync(pidFile, 'utf8')));
    timers.advance(5_000);
    expect(await ran).toEqual({ kind: 'late' });
    // Its new parent may take a moment to reap it: a zombie has ended.
    await expect.poll(() => stateOf(pid)).toMatch(/gone|Z/);
  });
});

function stateOf(pid: number): string {
  try {
    return /^State:\s+(\S)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? '?';
  } catch {
    return 'gone';
  }
}
