import { PortError } from '../../../src/reboot/ports/port-error.ts';
import type { Queue } from '../../../src/reboot/ports/queue.ts';
import type { Instant } from '../../../src/reboot/time/time.ts';
import type { JobKind } from '../perform.ts';

export interface QueuedJob<K extends string = JobKind> {
  readonly kind: K;
  readonly id: string;
}

/** A queue in memory, whose jobs are taken from `waiting` by the test. `M`: further kinds of jobs. */
export interface FakeQueue<M extends string = never> {
  readonly port: Queue;
  readonly waiting: QueuedJob<JobKind | M>[];
  /** Wake-ups that have a time, in no order. */
  readonly wakes: { readonly at: Instant; readonly id: string; readonly kind?: JobKind }[];
  /** Adds a job, unless the same one waits already. */
  readonly put: (kind: JobKind | M, id: string) => void;
  /** The time of the earliest wake-up up to `until`, if any. */
  nextWake(until: Instant): Instant | undefined;
  /** Makes jobs of the wake-ups that are due. */
  wakeDue(): void;
  /** Every call fails until it is back. */
  down: boolean;
}

export function fakeQueue<M extends string = never>(now: () => Instant): FakeQueue<M> {
  const waiting: QueuedJob<JobKind | M>[] = [];
  const wakes: { readonly at: Instant; readonly id: string; readonly kind?: JobKind }[] = [];
  /** Of Reboots at rest, which come after the steps of others. */
  const atRest = new WeakSet<QueuedJob<JobKind | M>>();
  const put = (kind: JobKind | M, id: string, rests = false): void => {
    if (waiting.some((job) => job.kind === kind && job.id === id && atRest.has(job) === rests)) return;
    const job = { kind, id };
    if (rests) atRest.add(job);
    const behind = rests || kind !== 'advance' ? -1 : waiting.findIndex((other) => atRest.has(other));
    if (behind < 0) waiting.push(job);
    else waiting.splice(behind, 0, job);
  };
  const add = async (kind: JobKind, id: string, at: Instant = now(), rests = false): Promise<void> => {
    if (fake.down)
      throw new PortError('queue-unreachable', 'The queue cannot be reached.', { retryable: true });
    if (at <= now()) put(kind, id, rests);
    else if (!wakes.some((wake) => wake.id === id && wake.at === at && (wake.kind ?? 'advance') === kind))
      wakes.push({ at, id, ...(kind === 'advance' ? {} : { kind }) });
  };
  const fake: FakeQueue<M> = {
    port: {
      reconcileNode: (node) => add('look', node),
      reconcile: (reboot, at, step) => add('advance', reboot, at, step === 'decide' || step === 'wait'),
      plan: (at) => add('plan', 'all', at),
      start: (reboot) => add('start', reboot),
      drain: (reboot) => add('drain', reboot),
      render: (reboot) => add('render', reboot),
      updateDigest: (pool, at) => add('digest', pool, at),
      spread: (pool) => add('spread', pool),
    },
    waiting,
    wakes,
    put,
    nextWake: (until) => {
      const next = Math.min(...wakes.map(({ at }) => at));
      return next <= until ? next : undefined;
    },
    wakeDue() {
      const due = wakes.filter(({ at }) => at <= now()).toSorted((one, other) => one.at - other.at);
      for (const wake of due) {
        wakes.splice(wakes.indexOf(wake), 1);
        put(wake.kind ?? 'advance', wake.id);
      }
    },
    down: false,
  };
  return fake;
}
