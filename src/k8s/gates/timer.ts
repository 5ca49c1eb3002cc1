import type { Clock } from '../../reboot/ports/time.ts';
import type { Instant } from '../../reboot/ports/time.ts';
import { sleptThrough, type Sleep } from '../api/backoff.ts';

export interface Timer {
  /** Rings at that time at the latest; an earlier time that is set already stays. */
  set(at: Instant): void;
  stop(): void;
}

export function createTimer(time: { readonly clock: Clock; readonly sleep: Sleep }, ring: () => void): Timer {
  const over = new AbortController();
  let next = Number.POSITIVE_INFINITY;
  return {
    set(at) {
      if (at >= next || over.signal.aborted) return;
      next = at;
      void sleptThrough(time.sleep, Math.max(0, at - time.clock.now()), over.signal).then((slept) => {
        // An earlier one was set meanwhile, and has rung.
        if (!slept || next !== at) return;
        next = Number.POSITIVE_INFINITY;
        ring();
      });
    },
    stop: () => over.abort(),
  };
}
