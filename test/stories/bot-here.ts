/**
 * `tugboot serve` in this process: it is loaded and compiled once for many stories, and a start costs a tenth
 * of the CPU time of a process.
 */
import { createWriteStream } from 'node:fs';
import { run } from '../../src/commands/serve.ts';

export interface BotHere {
  readonly child?: never;
  isRunning(): boolean;
  stop(): Promise<void>;
  /** Throws: only a process can crash. */
  kill(): Promise<never>;
}

export interface BotHereOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly logFile: string;
}

export function startBotHere({ env, logFile }: BotHereOptions): BotHere {
  const log = createWriteStream(logFile, { flags: 'a' });
  const stopping = new AbortController();
  let isRunning = true;
  const ended = withOwnConsole(() =>
    run([], { env, stdout: log, stderr: log, signal: stopping.signal }),
  ).finally(() => {
    isRunning = false;
    log.end();
  });
  return {
    isRunning: () => isRunning,
    stop: async () => {
      stopping.abort();
      await ended;
    },
    kill: () => Promise.reject(new Error('a bot in this process cannot crash: set `programs` to "bundled"')),
  };
}

/** The start redirects the console of its process to its log, and this process has other users of it. */
function withOwnConsole<T>(start: () => T): T {
  const { log, info, warn, error, debug } = console;
  try {
    return start();
  } finally {
    Object.assign(console, { log, info, warn, error, debug });
  }
}
