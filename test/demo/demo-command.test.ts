/**
 * The demo as a user runs it: the built program, its output, and what remains after it has ended, in every
 * way.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { get } from 'node:http';
import { createServer, type AddressInfo } from 'node:net';
import { dirname, join, resolve } from 'node:path';
import process from 'node:process';
import { PassThrough } from 'node:stream';
import { text as textOf } from 'node:stream/consumers';
import { afterEach, describe, expect, it } from 'vitest';
import { run } from '../../src/commands/demo.ts';

const patience = 120_000;
const running: ChildProcess[] = [];

interface Visit {
  readonly child: ChildProcess;
  readonly ended: Promise<number | null>;
  said(): string;
  /** Resolves when it has said so, on either stream. */
  says(wished: RegExp): Promise<RegExpExecArray>;
}

function visit(...args: readonly string[]): Visit {
  const child = spawn(process.execPath, [resolve('dist/tugboot.cjs'), 'demo', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  running.push(child);
  let said = '';
  const listeners = new Set<() => void>();
  const hear = (chunk: Buffer): void => {
    said += chunk.toString();
    for (const listener of listeners) listener();
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  const ended = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  const says = (wished: RegExp): Promise<RegExpExecArray> =>
    new Promise((found, failed) => {
      const look = (): void => {
        const match = wished.exec(said);
        if (match) found(match);
      };
      listeners.add(look);
      void ended.then(() => failed(new Error(`It ended before it said ${String(wished)}:\n${said}`)));
      look();
    });
  return { child, ended, said: () => said, says };
}

const directoryOf = async (demo: Visit): Promise<string> =>
  dirname((await demo.says(/KUBECONFIG=(\S+)/))[1] ?? '');

const pids = (directory: string): number[] =>
  readFileSync(join(directory, 'pids'), 'utf8').trim().split('\n').map(Number);

/**
 * As kubectl would ask: with the address of the kubeconfig, and with no bearer token, since that is plain
 * HTTP.
 */
function nodesOf(kubeconfig: string): Promise<string> {
  const { clusters } = JSON.parse(readFileSync(kubeconfig, 'utf8')) as {
    clusters: { cluster: { server: string } }[];
  };
  const { hostname, port, username, password } = new URL(clusters[0]?.cluster.server ?? '');
  const auth = `${username}:${password}`;
  return new Promise((done, failed) => {
    const request = get({ hostname, port, path: '/api/v1/nodes', auth });
    request.once('error', failed);
    request.once('response', (response) => done(textOf(response)));
  });
}

const isAlive = (pid: number): boolean => existsSync(`/proc/${pid}`);

const isBot = (pid: number): boolean =>
  isAlive(pid) && readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes('serve');

afterEach(async () => {
  for (const child of running.splice(0)) if (child.exitCode === null) child.kill('SIGKILL');
});

describe('tugboot demo', { timeout: 2 * patience }, () => {
  it.each([
    ['--bogus'],
    ['extra'],
    ['--port'],
    ['--port', 'abc'],
    ['--port', '-1'],
    ['--port', '65536'],
    ['--nodes', '1'],
    ['--nodes', '201'],
    ['--nodes', 'many'],
    ['--nodes', '9', '--script'],
    ['--clusters', '1'],
    ['--clusters', '4'],
    ['--clusters', '3', '--nodes', '9'],
    ['--clusters', '3', '--script'],
  ])('ends with 2 and says why: %s %s', async (...args) => {
    const stderr = new PassThrough();
    const io = { env: {}, stdout: new PassThrough(), stderr, signal: new AbortController().signal };
    const given = args.filter((arg) => arg !== undefined);
    expect(await run(given, io)).toBe(2);
    stderr.end();
    expect(await textOf(stderr)).toMatch(/^tugboot demo: .+\. See tugboot demo --help\.\n$/);
  });

  it('says in one line that its port is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await new Promise((done) => other.once('listening', done));
    const { port } = other.address() as AddressInfo;
    const demo = visit('--port', String(port));
    expect(await demo.ended).toBe(1);
    expect(demo.said()).toBe(
      `tugboot demo: port ${port} is taken by another program. Name another one, or leave --port out.\n`,
    );
    other.close();
  });

  it('has as many nodes as asked for, in zones, and agents on all of them, and can patch all workers', async () => {
    const demo = visit('--nodes', '24');
    const directory = await directoryOf(demo);
    const { origin } = new URL(/http:\S+/.exec(demo.said())?.[0] ?? '');
    const nodes = await nodesOf(join(directory, 'kubeconfig'));
    expect(nodes.match(/"topology.kubernetes.io\/zone":"[abc]"/g)).toHaveLength(21);
    expect(nodes.match(/"node-role.kubernetes.io\/control-plane":""/g)).toHaveLength(3);
    const patched = await fetch(`${origin}/act/patch-workers`, {
      method: 'POST',
      headers: { origin, 'content-type': 'application/json' },
      body: '{}',
    });
    expect(patched.status).toBe(200);
    const asking = async (): Promise<number> =>
      (await nodesOf(join(directory, 'kubeconfig'))).match(/"type":"RebootRequired","status":"True"/g)
        ?.length ?? 0;
    await expect.poll(asking, { timeout: patience }).toBe(21);
    demo.child.kill('SIGTERM');
    expect(await demo.ended).toBe(0);
  });

  it('has three clusters behind one bot, each with nodes of the same names and a channel', async () => {
    const demo = visit('--clusters', '3');
    await directoryOf(demo);
    expect(demo.said()).toContain('with 12 nodes');
    const page = /http:\S+/.exec(demo.said())?.[0] ?? '';
    const events = await fetch(new URL('/events?user=U0MIA', page));
    const state = new TextDecoder().decode((await events.body?.getReader().read())?.value);
    for (const cluster of ['prod-eu', 'prod-us', 'staging']) expect(state).toContain(`"${cluster}/worker-2"`);
    for (const channel of ['reboots', 'reboots-us', 'reboots-staging'])
      expect(state).toContain(`"${channel}"`);
    demo.child.kill('SIGTERM');
    expect(await demo.ended).toBe(0);
  });

  it('starts a bot again that was killed, and leaves nothing behind when it is asked to end', async () => {
    const demo = visit();
    const directory = await directoryOf(demo);
    const bot = pids(directory).find(isBot) ?? 0;
    expect(await nodesOf(join(directory, 'kubeconfig'))).toContain('worker-1');
    process.kill(bot, 'SIGKILL');
    await demo.says(/The bot was ended by SIGKILL\. It runs again/);
    const all = pids(directory);
    expect(all).not.toContain(bot);
    expect(all.filter(isBot)).toHaveLength(1);
    demo.child.kill('SIGTERM');
    expect(await demo.ended).toBe(0);
    expect(all.filter(isAlive)).toEqual([]);
    expect(existsSync(directory)).toBe(false);
  });

  it('leaves nothing behind when it is killed itself', async () => {
    const demo = visit();
    const directory = await directoryOf(demo);
    const all = pids(directory);
    expect(all.filter(isAlive)).toEqual(all);
    demo.child.kill('SIGKILL');
    await expect.poll(() => all.filter(isAlive), { timeout: patience }).toEqual([]);
    await expect.poll(() => existsSync(directory), { timeout: patience }).toBe(false);
  });
});
