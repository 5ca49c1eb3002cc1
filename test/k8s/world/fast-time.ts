import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { KubeOptions } from '../../../src/k8s/kube.ts';

type Time = Pick<KubeOptions, 'clock' | 'sleep'>;

interface Sleeper {
  readonly due: number;
  readonly wake: () => void;
}

const tick = 5;

/**
 * Turns of the event loop between two ticks: a request to an API server of this process is answered within
 * fewer.
 */
const turns = 12;

/**
 * Time that runs at most `speed` times as fast, for waits that nobody wants to sit through: what takes a
 * minute takes a moment, in the same order. It goes on by ticks while somebody sleeps, each after so many
 * turns of this process, and does not follow the clock of the machine: on a busy one it is slower.
 */
export function fastTime(speed: number): Time {
  let now = Date.now();
  const sleepers = new Set<Sleeper>();
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (sleepers.size > 0) {
      await sleep(tick);
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      now += tick * speed;
      for (const sleeper of [...sleepers].sort((a, b) => a.due - b.due))
        if (sleeper.due <= now) sleeper.wake();
    }
    running = false;
  };
  return {
    clock: { now: () => now },
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const over = (end: () => void): void => {
          sleepers.delete(sleeper);
          signal?.removeEventListener('abort', abort);
          end();
        };
        const abort = (): void => over(() => reject(signal?.reason));
        const sleeper = { due: now + ms, wake: () => over(resolve) };
        sleepers.add(sleeper);
        void run();
        signal?.addEventListener('abort', abort, { once: true });
      }),
  };
}
