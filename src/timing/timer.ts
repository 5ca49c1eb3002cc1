import type { Clock, Instant } from '../reboot/time/time.ts';
import { sleptThrough, type Sleep } from './sleep.ts';

export interface Timer {
  /** Calls `fire` at this time at the latest; an earlier time that is already set is kept. */
  set(at: Instant): void;
  stop(): void;
}

export function createTimer(time: { readonly clock: Clock; readonly sleep: Sleep }, fire: () => void): Timer {
  const stopped = new AbortController();
  let next = Number.POSITIVE_INFINITY;
  return {
    set(at) {
      if (at >= next || stopped.signal.aborted) return;
      next = at;
      void sleptThrough(time.sleep, Math.max(0, at - time.clock.now()), stopped.signal).then((slept) => {
        // Superseded by an earlier time, which has already fired.
        if (!slept || next !== at) return;
        next = Number.POSITIVE_INFINITY;
        fire();
      });
    },
    stop: () => stopped.abort(),
  };
}
