import type { Clock } from '../../src/reboot/ports/time.ts';
import type { Sleep } from '../../src/timing/sleep.ts';
import { noon } from './fixtures.ts';

export interface VirtualTime {
  readonly clock: Clock;
  readonly sleep: Sleep;
  /** Lets everything happen that is due within the span, each thing at its own time. */
  pass(span: number): Promise<void>;
  /** Lets everything happen that needs no time. */
  settle(): Promise<void>;
  /** Passes time until the work is done; fails when nothing is left that could end it. */
  until<T>(work: Promise<T>): Promise<T>;
}

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

export function createVirtualTime(start = noon): VirtualTime {
  let now = start;
  let sleepers: Sleeper[] = [];
  // All work under test is promises: one turn of the event loop runs whatever they have left to do.
  const settle = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));
  const first = (): Sleeper | undefined => sleepers.toSorted((one, other) => one.at - other.at)[0];
  const wake = async (sleeper: Sleeper): Promise<void> => {
    sleepers = sleepers.filter((other) => other !== sleeper);
    now = Math.max(now, sleeper.at);
    sleeper.wake();
    await settle();
  };
  return {
    clock: { now: () => now },
    settle,
    sleep: (span, signal) =>
      new Promise((resolve, reject) => {
        const sleeper = { at: now + Math.max(0, span), wake: () => resolve() };
        sleepers.push(sleeper);
        signal?.addEventListener('abort', () => {
          sleepers = sleepers.filter((other) => other !== sleeper);
          reject(new Error('the sleep was cut short'));
        });
      }),
    pass: async (span) => {
      const end = now + span;
      await settle();
      for (let next = first(); next && next.at <= end; next = first()) await wake(next);
      now = end;
    },
    until: async (work) => {
      const progress = { done: false };
      const notice = (): void => {
        progress.done = true;
      };
      work.then(notice, notice);
      await settle();
      while (!progress.done) {
        const next = first();
        if (next === undefined) throw new Error('nothing is left that could end this work');
        await wake(next);
      }
      return work;
    },
  };
}
