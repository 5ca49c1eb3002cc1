import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Expanded, ExpandRequest } from './expand.ts';

export type Expand = (request: ExpandRequest, signal: AbortSignal) => Promise<Expanded>;

/** The bundle is CommonJS and has __filename; the sources are modules. */
const here = typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url);
const program = join(dirname(here), here.endsWith('.ts') ? 'expand-worker.ts' : 'expand-worker.cjs');

/**
 * CPU time, in milliseconds, so that a slow machine does not make a calendar fail. A year of a large calendar
 * takes well under a second.
 */
const mostCpu = 10_000;

/** Milliseconds between two checks of the thread's CPU time. */
const pollInterval = 50;

/**
 * Expands in a worker thread, which is terminated when it exceeds its CPU time or memory. Calendars are
 * untrusted input, and an event for each second of fifty years fits on one line.
 */
export const expandInWorker = (cpuLimit: number = mostCpu): Expand =>
  async function expandInThread(request, signal) {
    const worker = new Worker(program, {
      // The thread must not see the environment.
      env: { TZ: 'UTC' },
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 },
    });
    const ended = new AbortController();
    try {
      return await answerOf(worker, request, { cpuLimit, signal, ended: ended.signal });
    } finally {
      ended.abort();
      await worker.terminate();
    }
  };

interface Limits {
  readonly cpuLimit: number;
  readonly signal: AbortSignal;
  readonly ended: AbortSignal;
}

const answerOf = (worker: Worker, request: ExpandRequest, limits: Limits): Promise<Expanded> =>
  new Promise((resolve, reject) => {
    const fail = (problem: string): void => resolve({ ok: false, problem });
    const begin = async (): Promise<void> => {
      const used = await cpuOf(worker);
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread is not a window: its port has no origin
      worker.postMessage(request);
      await spent(worker, used + limits.cpuLimit, limits.ended);
      if (!limits.ended.aborted) fail('it takes too long to work out');
    };
    worker.on('message', (message: 'ready' | Expanded) => {
      if (message === 'ready') begin().catch(reject);
      else resolve(message);
    });
    worker.once('error', (error) =>
      isOutOfMemory(error) ? fail('it takes too much memory to work out') : reject(error),
    );
    worker.once('exit', () => fail('it could not be worked out'));
    const stop = (): void => fail('it was not waited for');
    if (limits.signal.aborted) stop();
    limits.signal.addEventListener('abort', stop, { once: true, signal: limits.ended });
  });

/** Milliseconds of CPU time that the thread has used; 0 for one that has ended. */
async function cpuOf(worker: Worker): Promise<number> {
  try {
    const { user, system } = await worker.cpuUsage();
    return (user + system) / 1000;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_NOT_RUNNING') return 0;
    throw error;
  }
}

/** Resolves when the thread has used that much CPU time, or has ended. */
async function spent(worker: Worker, most: number, ended: AbortSignal): Promise<void> {
  while (!ended.aborted && (await cpuOf(worker)) < most)
    await sleep(pollInterval, undefined, { signal: ended }).catch(() => undefined);
}

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
