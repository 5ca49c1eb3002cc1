import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import process from 'node:process';
import { describe, expect, it, onTestFinished } from 'vitest';
import { SmallApi } from './api/small-api.ts';
import { bootOne, tempHost } from './host/temp-host.ts';

/** The command as a process of its own, started by a script of one line. */
const door = `
const { run } = await import(${JSON.stringify(new URL('../../src/commands/agent.ts', import.meta.url).href)});
const stop = new AbortController();
process.once('SIGTERM', () => stop.abort());
const { env, stdout, stderr } = process;
process.exitCode = await run(process.argv.slice(1), { env, stdout, stderr, signal: stop.signal });
`;

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

function startProcess(
  env: Readonly<Record<string, string>>,
  ...args: string[]
): { child: ChildProcess; ended: Promise<Ended> } {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', door, '--', ...args], {
    env: { PATH: process.env['PATH'], ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const said = { out: '', err: '' };
  child.stdout.on('data', (piece: Buffer) => (said.out += piece.toString()));
  child.stderr.on('data', (piece: Buffer) => (said.err += piece.toString()));
  const ended = once(child, 'close').then(([code]) => ({ code: code as number | null, ...said }));
  return { child, ended };
}

describe('tugboot agent, the program', () => {
  it('says what it reads and writes', async () => {
    const { code, out } = await startProcess({}, '--help').ended;
    expect(code).toBe(0);
    expect(out).toContain('NODE_NAME');
  });

  it('ends with 2 and every problem when the environment is wrong', async () => {
    const { code, err } = await startProcess({ LOG_LEVEL: 'loud' }).ended;
    expect(code).toBe(2);
    expect(err).toMatch(
      /^tugboot agent: 3 problems in the environment\n {2}NODE_NAME: .*\n {2}TUGBOOT_API_URL: .*\n {2}LOG_LEVEL: /,
    );
  });

  it('ends with 2 when it is given arguments', async () => {
    const { code, err } = await startProcess({}, '--now').ended;
    expect(code).toBe(2);
    expect(err).toContain('"--now" is not understood');
  });

  it('reports, obeys an order with its command, and ends with 0 when told to', async () => {
    const host = tempHost();
    const api = new SmallApi();
    const url = await api.start();
    onTestFinished(async () => api.stop());
    api.cordoned = true;
    api.create();
    const { child, ended } = startProcess({
      NODE_NAME: 'n1',
      TUGBOOT_API_URL: url,
      TUGBOOT_HOST_ROOT: host.root,
      TUGBOOT_BOOT_ID_FILE: host.paths.bootIdFile,
      TUGBOOT_KERNEL_RELEASE_FILE: host.paths.kernelReleaseFile,
      TUGBOOT_REBOOT_METHOD: 'command',
      TUGBOOT_REBOOT_COMMAND: JSON.stringify(['rm', host.path('run/reboot-required')]),
    });
    host.require('libc6\n');
    await api.until(() => api.object?.status?.['required'] === 'yes', 'the report');
    api.order(bootOne);
    // The command takes the sentinel away: the report that follows shows that it ran, and that the agent went
    // on.
    await api.until(() => api.object?.status?.['required'] === 'no', 'the reboot');
    expect(api.object?.status?.['order']).toMatchObject({ endBoot: bootOne, state: 'obeying' });
    child.kill('SIGTERM');
    const { code, out, err } = await ended;
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const lines = out
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    expect(lines.map(({ msg }) => msg)).toContain('the host was asked to reboot');
    for (const line of lines) {
      expect(line).toMatchObject({ level: expect.stringMatching(/^(info|warn)$/) as string, node: 'n1' });
      expect(line['time']).toMatch(/^\d{4}-.*Z$/);
    }
  });
});
