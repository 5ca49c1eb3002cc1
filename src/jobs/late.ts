/**
 * A queue or worker of BullMQ whose first connection fails never recovers. So each is created when the
 * backend is usable, and created again if that fails.
 */
import type { Processor } from 'bullmq';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Availability } from './availability.ts';
import {
  type BackendOptions,
  countedStates,
  type Payload,
  type WorkQueue,
  type WorkWorker,
} from './backend.ts';

interface Made {
  waitUntilReady(): Promise<unknown>;
  close(force?: boolean): Promise<void>;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

type Found = readonly ({ readonly timestamp: number } | undefined)[];

/** The part of BullMQ's Queue that is used. */
export type MadeQueue = Made &
  Pick<WorkQueue, 'add'> & {
    getJobCounts(
      ...states: ((typeof countedStates)[number] | 'prioritized')[]
    ): Promise<Readonly<Record<string, number>>>;
    getWaiting(start: number, end: number): Promise<Found>;
    getPrioritized(start: number, end: number): Promise<Found>;
  };
export type MadeWorker = Made & Pick<WorkWorker, 'run' | 'cancelJob' | 'on'>;
export type Process = Processor<Payload>;

export interface LateDeps {
  readonly available: Availability;
  /** The error of the backend as a sentence for people. */
  readonly trouble: (error: unknown) => string;
}

export function lateQueue({ available, trouble }: LateDeps, make: () => MadeQueue): WorkQueue {
  let making: Promise<MadeQueue> | undefined;
  let closed = false;

  const made = (): Promise<MadeQueue> => {
    if (!available.usable) {
      const why = available.health().why ?? 'The queue cannot be reached.';
      return Promise.reject(new PortError('queue-unreachable', why, { retryable: true }));
    }
    making ??= whenReady(make()).catch((error: unknown) => {
      making = undefined;
      throw error;
    });
    return making;
  };

  return {
    add: async (name, payload, options) => {
      try {
        const job = await (await made()).add(name, payload, options);
        available.markWorking();
        return job;
      } catch (error) {
        if (error instanceof PortError) throw error;
        const why = trouble(error);
        if (!closed) available.markFailing(why, error);
        throw new PortError('queue-unreachable', why, { retryable: true, cause: error });
      }
    },
    counts: async () => {
      const queue = await made();
      const found = await queue.getJobCounts(...countedStates, 'prioritized');
      const { waiting = 0, prioritized = 0, active = 0, delayed = 0, failed = 0 } = found;
      const oldest = [
        ...(waiting === 0 ? [] : await queue.getWaiting(0, 0)),
        ...(prioritized === 0 ? [] : await queue.getPrioritized(0, 0)),
      ].flatMap((job) => job?.timestamp ?? []);
      return {
        jobs: { waiting: waiting + prioritized, active, delayed, failed },
        ...(oldest.length === 0 ? {} : { oldestWaiting: Math.min(...oldest) }),
      };
    },
    close: async () => {
      closed = true;
      const queue = await making?.catch(() => undefined);
      await ifUsable(available, queue?.close());
    },
  };
}

const pause = 1_000;

export function lateWorker(
  { available, trouble, sleep }: LateDeps & { readonly sleep: BackendOptions['sleep'] },
  make: () => MadeWorker,
): WorkWorker {
  const closing = new AbortController();
  const listeners: ((worker: MadeWorker) => void)[] = [];
  let worker: MadeWorker | undefined;

  const createUntilReady = async (): Promise<MadeWorker | undefined> => {
    while (!closing.signal.aborted) {
      try {
        const made = make();
        for (const listen of listeners) listen(made);
        return await whenReady(made);
      } catch (error) {
        if (!closing.signal.aborted) available.markFailing(trouble(error), error);
        await sleep(pause, closing.signal).catch(() => undefined);
      }
    }
    return undefined;
  };

  return {
    run: async () => {
      const closed = new Promise<void>((resolve) =>
        closing.signal.addEventListener('abort', () => resolve(), { once: true }),
      );
      await Promise.race([available.ready(), closed]);
      worker = await createUntilReady();
      if (closing.signal.aborted) await worker?.close(true);
      else await worker?.run();
    },
    close: async (force) => {
      closing.abort();
      await ifUsable(available, worker?.close(force));
    },
    cancelJob: (id) => worker?.cancelJob(id) ?? false,
    on: (...args: unknown[]) => {
      listeners.push((made) => void Reflect.apply(made.on.bind(made), undefined, args));
    },
  };
}

/** Closing is not awaited if the server does not answer. */
async function ifUsable(available: Availability, closing: Promise<void> | undefined): Promise<void> {
  const quietly = closing?.catch(() => undefined);
  if (available.usable) await quietly;
}

/** Resolves with the object when it is ready; closes it and rejects otherwise. */
async function whenReady<T extends Made>(made: T): Promise<T> {
  // The backend logs outages; an `error` event without a listener would end the process.
  made.on('error', () => undefined);
  try {
    await made.waitUntilReady();
    return made;
  } catch (error) {
    await made.close(true).catch(() => undefined);
    throw error;
  }
}
