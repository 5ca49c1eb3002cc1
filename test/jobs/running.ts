/** Queues and workers of a test, on whatever server it has, and what they say. */
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, vi } from 'vitest';
import type { Backend, QueueAccess } from '../../src/jobs/backend.ts';
import { openBackend } from '../../src/jobs/open-backend.ts';
import { openQueues, type Queues } from '../../src/jobs/queues.ts';
import { createWorkers } from '../../src/jobs/workers.ts';
import type { LogFields, Logger } from '../../src/reboot/ports/logger.ts';
import { workOf } from './idle-work.ts';

export const soon = { timeout: 60_000, interval: 50 };
vi.setConfig({ testTimeout: 120_000, hookTimeout: 60_000 });

export const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});
export const cleaned = <T extends { stop(): Promise<void> }>(server: T): T => {
  cleanups.push(() => server.stop());
  return server;
};

export interface Running {
  readonly backend: Backend;
  readonly queues: Queues;
  /** Reboots that were advanced. */
  readonly done: string[];
  readonly log: { readonly level: string; readonly message: string; readonly fields: LogFields }[];
  stop(): Promise<void>;
}

export function start(url: string, access: Pick<QueueAccess, 'sentinel'> = {}): Running {
  const log: Running['log'] = [];
  const at =
    (level: string) =>
    (message: string, fields: LogFields = {}) =>
      void log.push({ level, message, fields });
  const logger: Logger = {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => logger,
  };
  const done: string[] = [];
  const work = workOf({ reconcile: async (id) => void done.push(id) });
  const backend = openBackend({
    url,
    ...access,
    prefix: '{test}',
    logger,
    sleep: (ms, signal) => sleep(ms, undefined, signal ? { signal } : {}),
  });
  const queues = openQueues(backend, () => Date.now());
  const workers = createWorkers({
    backend,
    queues,
    work: new Map([['prod', work]]),
    logger,
    random: () => 0.5,
    clock: { now: () => Date.now() },
  });
  workers.start();
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopped ??= (async () => {
      await workers.stop(AbortSignal.timeout(2000));
      await queues.close();
      await backend.close();
    })());
  cleanups.push(stop);
  return { backend, queues, done, log, stop };
}

/** Adds until the queue accepts it, as wake-ups and resyncs do. */
export async function reconcileOnce({ queues }: Running, id: string): Promise<void> {
  await expect
    .poll(
      () =>
        queues
          .of('prod')
          .reconcile(id)
          .then(
            () => 'taken',
            (error: unknown) => String(error),
          ),
      soon,
    )
    .toBe('taken');
}

export const complaints = ({ log }: Running): Running['log'] =>
  log.filter(({ level }) => level === 'warn' || level === 'error');
