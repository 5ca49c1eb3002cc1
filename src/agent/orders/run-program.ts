import type { Timers } from '../timers.ts';

export type ProgramCommand = readonly [string, ...string[]];

export type RunResult =
  | { readonly kind: 'ended'; readonly code: number; readonly output: string; readonly errors: string }
  /** Ended by a signal that the agent did not send. */
  | { readonly kind: 'killed'; readonly signal: string }
  /** Exceeded its timeout, and was killed with its process group. */
  | { readonly kind: 'late' }
  | { readonly kind: 'not-run'; readonly why: string };

export interface RunOptions {
  readonly command: ProgramCommand;
  /** The complete environment of the program. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly timeout: number;
  readonly timers: Pick<Timers, 'after'>;
  readonly signal?: AbortSignal;
}

/**
 * Characters kept of each stream. The rest is read and dropped, so that the program does not block on a full
 * pipe.
 */
const longestOutput = 16_384;

/** Runs a program to its end. Never rejects. `timeout` is in milliseconds. */
export async function runProgram(options: RunOptions): Promise<RunResult> {
  const [program, ...args] = options.command;
  // Loaded on demand: the module costs two megabytes, which an agent that runs no programs saves.
  const { spawn } = await import('node:child_process');
  return new Promise((resolve) => {
    // A process group of its own, so that its children can be killed with it.
    const child = spawn(program, args, {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...options.env },
      detached: true,
    });
    const output = collect(child.stdout);
    const errors = collect(child.stderr);
    let settled = false;
    const end = (ran: RunResult): void => {
      if (settled) return;
      settled = true;
      cancelTimer();
      options.signal?.removeEventListener('abort', abort);
      resolve(ran);
    };
    const abort = (): void => {
      killGroup(child.pid);
      // A grandchild that left the process group may keep these streams open indefinitely.
      child.stdout.destroy();
      child.stderr.destroy();
      end({ kind: 'late' });
    };
    const cancelTimer = options.timers.after(options.timeout, abort);
    options.signal?.addEventListener('abort', abort, { once: true });
    child.on('error', ({ message }) => end({ kind: 'not-run', why: message }));
    child.on('close', (code, signal) =>
      end(
        code === null
          ? { kind: 'killed', signal: signal ?? 'a signal' }
          : { kind: 'ended', code, output: output(), errors: errors() },
      ),
    );
  });
}

function collect(stream: NodeJS.ReadableStream): () => string {
  let text = '';
  stream.on('data', (piece: Buffer) => {
    if (text.length < longestOutput) text = (text + piece.toString('utf8')).slice(0, longestOutput);
  });
  return () => text;
}

function killGroup(pid: number | undefined): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // ESRCH: the group has already ended.
  }
}

/**
 * Runs the command in the mount namespace of the host's PID 1. No other namespace changes, and the command
 * keeps the restricted rights of the agent.
 */
export const onHost = (command: ProgramCommand): ProgramCommand => [
  'nsenter',
  '--target',
  '1',
  '--mount',
  '--',
  ...command,
];
