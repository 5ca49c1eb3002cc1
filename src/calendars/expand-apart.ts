import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Expanded, ExpandRequest } from './expand.ts';

export type Expand = (request: ExpandRequest, signal: AbortSignal) => Promise<Expanded>;

/** A bundle is CommonJS and knows its file as that; the sources are modules. */
const here = typeof __filename === 'string' ? __filename : fileURLToPath(import.meta.url);
const program = join(dirname(here), here.endsWith('.ts') ? 'expand-worker.ts' : 'expand-worker.cjs');

/** A year of a large calendar takes well under a second. */
const longest = 10_000;

/**
 * Expands in a thread of its own, which is ended when it takes too long or too much memory. Rules such as the 30th of each February are
 * followed for ever by whoever follows them, and a calendar comes from people we do not know.
 */
export const expandApart = (timeLimit: number = longest): Expand =>
  async function expandInThread(request, signal) {
    const worker = new Worker(program, {
      workerData: request,
      // Nothing of ours is for it to see.
      env: { TZ: 'UTC' },
      resourceLimits: { maxOldGenerationSizeMb: 128, maxYoungGenerationSizeMb: 16 },
    });
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]);
    try {
      return await answerOf(worker, limit);
    } finally {
      await worker.terminate();
    }
  };

const answerOf = (worker: Worker, limit: AbortSignal): Promise<Expanded> =>
  new Promise((resolve, reject) => {
    const fail = (problem: string): void => resolve({ ok: false, problem });
    worker.once('message', (answer: Expanded) => resolve(answer));
    worker.once('error', (error) =>
      isOutOfMemory(error) ? fail('it takes too much memory to work out') : reject(error),
    );
    worker.once('exit', () => fail('it could not be worked out'));
    if (limit.aborted) fail('it takes too long to work out');
    limit.addEventListener('abort', () => fail('it takes too long to work out'), { once: true });
  });

const isOutOfMemory = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
