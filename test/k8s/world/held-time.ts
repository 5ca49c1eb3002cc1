import type { Millis } from '../../../src/reboot/time/time.ts';
import type { KubeOptions } from '../../../src/k8s/kube.ts';

type Time = Pick<KubeOptions, 'clock' | 'sleep'>;

export interface HeldTime extends Time {
  /** The clock goes on from there; sleeps that have begun do not end any sooner. */
  skip(ms: Millis): void;
  /** From now on no sleep ends before its signal does: what goes on has been woken by something else. */
  holdSleeps(): void;
}

/** The time of one process, for tests that must not depend on how fast the machine is. */
export function heldTime({ clock, sleep }: Time): HeldTime {
  let skipped = 0;
  let held = false;
  return {
    clock: { now: () => clock.now() + skipped },
    sleep: (ms, signal) => (held ? untilAborted(signal) : sleep(ms, signal)),
    skip: (ms) => void (skipped += ms),
    holdSleeps: () => void (held = true),
  };
}

const untilAborted = (signal: AbortSignal | undefined): Promise<void> =>
  new Promise((_resolve, reject) => {
    if (signal?.aborted) reject(signal.reason);
    signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
