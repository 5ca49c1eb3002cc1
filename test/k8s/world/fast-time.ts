import { setImmediate as nextTurn, setTimeout as sleep } from 'node:timers/promises';
import type { KubeOptions } from '../../../src/k8s/kube.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

type Time = Pick<KubeOptions, 'clock' | 'sleep'>;

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
  const clock = fakeClock(Date.now());
  let running = false;
  const run = async (): Promise<void> => {
    if (running) return;
    running = true;
    while (clock.isAwaited()) {
      await sleep(tick);
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      clock.advance(tick * speed);
    }
    running = false;
  };
  return {
    clock,
    sleep: (ms, signal) => {
      const slept = clock.sleep(ms, signal);
      void run();
      return slept;
    },
  };
}
