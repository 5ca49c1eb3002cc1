/**
 * The queue of the modelled world: one at work and one waiting for each job, so many at once, and a moment
 * between.
 */
import { type JobKind, perform } from '../fakes/perform.ts';
import type { Queue } from '../../src/reboot/ports/queue.ts';
import { PortError } from '../../src/reboot/ports/port-error.ts';
import type { Work } from '../../src/reboot/service/service.ts';
import type { Instant, Millis } from '../../src/reboot/time/time.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';

/** Of a request, of a watch, and of the queue: least and most. */
export interface Delays {
  readonly request: readonly [Millis, Millis];
  readonly watch: readonly [Millis, Millis];
  readonly queue: readonly [Millis, Millis];
}

/** As many as the workers of the product have. */
const mostAtOnce: Readonly<Record<JobKind, number>> = {
  look: 10,
  plan: 1,
  start: 20,
  advance: 20,
  drain: 100,
  render: 10,
  digest: 10,
  spread: 20,
};

interface QueueDeps {
  readonly time: FakeClock;
  readonly draw: (span: readonly [number, number]) => Millis;
  readonly delays: Delays;
  /** Of the bot that takes the next job. */
  readonly work: () => Work;
  /** That share the queue: each takes as many jobs at once. The plan is one job for all. */
  readonly bots?: number;
  readonly scansOnly: Millis | undefined;
}

export function modelQueue({ time, draw, delays, work, bots = 1, scansOnly }: QueueDeps) {
  const trouble: unknown[] = [];
  const waiting = new Map<JobKind, string[]>();
  const active = new Map<JobKind, Set<string>>();
  const listOf = (kind: JobKind): string[] => waiting.get(kind) ?? waiting.set(kind, []).get(kind) ?? [];
  const setOf = (kind: JobKind): Set<string> =>
    active.get(kind) ?? active.set(kind, new Set()).get(kind) ?? new Set();

  /** What cannot be done now is tried again, as the workers do. */
  const attempt = async (kind: JobKind, id: string): Promise<void> => {
    try {
      await time.sleep(draw(delays.queue));
      await perform({ work: work(), queue }, kind, id);
    } catch (error) {
      if (!(error instanceof PortError && error.retryable)) trouble.push(error);
      else time.at(time.now() + 1000, () => put(kind, id));
    }
  };
  const finish = async (kind: JobKind, id: string): Promise<void> => {
    await attempt(kind, id);
    setOf(kind).delete(id);
    next(kind);
  };
  const next = (kind: JobKind): void => {
    const list = listOf(kind);
    const at = list.findIndex((id) => !setOf(kind).has(id));
    const id = list[at];
    const most = kind === 'plan' ? mostAtOnce[kind] : mostAtOnce[kind] * bots;
    if (id === undefined || setOf(kind).size >= most) return;
    list.splice(at, 1);
    setOf(kind).add(id);
    void finish(kind, id);
    next(kind);
  };
  function put(kind: JobKind, id: string): void {
    if (!listOf(kind).includes(id)) listOf(kind).push(id);
    next(kind);
  }
  /** A step of one that is under way comes before those that wait. */
  const putStep = (id: string): void => {
    const list = listOf('advance').filter((other) => other !== id);
    waiting.set('advance', [id, ...list]);
    next('advance');
  };

  const plan = (): void => {
    if (scansOnly === undefined) put('plan', 'all');
    else time.at(Math.ceil((time.now() + 1) / scansOnly) * scansOnly, () => put('plan', 'all'));
  };
  const wakes = new Set<string>();
  const once = (key: string, at: Instant, work: () => void): void => {
    if (wakes.has(key)) return;
    wakes.add(key);
    time.at(at, () => {
      wakes.delete(key);
      work();
    });
  };
  const queue: Queue = {
    reconcileNode: async (node) => put('look', node),
    reconcile: async (name, at, step) => {
      const isStep = step !== undefined && step !== 'decide' && step !== 'wait';
      if (at === undefined || at <= time.now()) (isStep ? putStep : (id: string) => put('advance', id))(name);
      else once(`${name} ${at}`, at, () => put('advance', name));
    },
    plan: async (at) => {
      if (at === undefined || at <= time.now()) plan();
      else once(`plan ${at}`, at, plan);
    },
    start: async (name) => put('start', name),
    drain: async (name) => put('drain', name),
    render: async (name) => put('render', name),
    updateDigest: async (pool, at) => {
      if (at === undefined || at <= time.now()) put('digest', pool);
      else time.at(at, () => put('digest', pool));
    },
    spread: async (pool) => put('spread', pool),
  };
  return { queue, trouble };
}
