/** Starts the bundled programs with only the environment that their pods would have. */
import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Supervisor } from './supervisor.ts';
import { keepRunning } from './keep-running.ts';

export interface Program {
  readonly child: ChildProcess;
  stop(): Promise<void>;
  /** Kills the process, as a crash would. */
  kill(): Promise<void>;
}

export interface ProgramStart {
  /** `serve` or `agent`. */
  readonly command: string;
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

/** As in the chart, whose figures follow from the memory limit of the pod. */
const heapOf = ({ command }: ProgramStart): readonly string[] =>
  command === 'serve'
    ? ['--max-semi-space-size=4', '--max-old-space-size=384']
    : ['--max-semi-space-size=1', '--max-old-space-size=32'];

/** As in the chart. */
const memoryEnv = { MALLOC_MMAP_THRESHOLD_: '32768' };

/** The folder of the bundles, which is that of the running program. */
export function startProgram(bundles: string, supervisor: Supervisor, start: ProgramStart): Program {
  const { command, env, logFile } = start;
  const log = createWriteStream(logFile, { flags: 'a' });
  const child = supervisor.adopt(
    spawn(process.execPath, [...heapOf(start), join(bundles, 'tugboot.cjs'), command], {
      env: { ...passedOn(), NODE_ENV: 'production', ...memoryEnv, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    }),
  );
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  const over = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return {
    child,
    stop: () => supervisor.end(child),
    kill: async () => {
      child.kill('SIGKILL');
      await over;
    },
  };
}

/** The compile cache saves a fifth of the CPU time of each start, which tests do hundreds of times. */
const passedOn = (): Record<string, string> =>
  Object.fromEntries(
    ['PATH', 'NODE_COMPILE_CACHE'].flatMap((name) => {
      const value = process.env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );

export interface RestartOptions {
  /** Name of the program, for people. */
  readonly what: string;
  readonly supervisor: Supervisor;
  readonly onRestart: ((what: string, how: string) => void) | undefined;
  /** True while its machine is switched off: no restart then. */
  readonly gone?: () => boolean;
}

/** Restarts the program after a crash if `onRestart` is given. */
export function restartedProgram(
  { what, supervisor, onRestart, gone = () => false }: RestartOptions,
  start: () => Program,
): Program {
  const first = start();
  if (onRestart === undefined) return first;
  keepRunning({
    first,
    start,
    childOf: ({ child }) => child,
    isRequested: (child) => gone() || supervisor.isEnding(child),
    onRestart: (how) => onRestart(what, how),
  });
  return first;
}

/** A kubeconfig for a server on loopback: plain HTTP is accepted only with verification switched off. */
export function writeKubeconfig(file: string, server: string, token: string): void {
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'demo', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'demo', user: { token } }],
    contexts: [{ name: 'demo', context: { cluster: 'demo', user: 'demo' } }],
    'current-context': 'demo',
  };
  writeFileSync(file, JSON.stringify(config), { mode: 0o600 });
}

/** The files that ship beside the bundles. */
export function shippedFile(bundles: string, ...path: readonly string[]): string {
  const root = dirname(bundles);
  const file = join(root, ...path);
  if (!existsSync(file))
    throw new Error(`${file} is missing: the demo runs from a checkout or a whole package.`);
  return readFileSync(file, 'utf8');
}
