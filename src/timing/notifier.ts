import type { Millis } from '../reboot/time/time.ts';
import { sleptThrough, type Sleep } from './sleep.ts';

/** Wakes one waiting loop. A notification while the loop works ends its next wait at once. */
export interface Notifier {
  readonly notify: () => void;
  /** Resolves on a notification, after `ms` (undefined: never), or when the signal aborts. */
  wait(ms: Millis | undefined, signal: AbortSignal): Promise<void>;
}

export function createNotifier(sleep: Sleep): Notifier {
  let notified = false;
  let end: (() => void) | undefined;
  return {
    notify() {
      notified = true;
      end?.();
    },
    async wait(ms, signal) {
      if (!notified && !signal.aborted) {
        const over = Promise.withResolvers<void>();
        const timer = new AbortController();
        end = over.resolve;
        signal.addEventListener('abort', end, { once: true });
        const slept = ms === undefined ? [] : [sleptThrough(sleep, ms, timer.signal)];
        await Promise.race([over.promise, ...slept]);
        timer.abort();
        signal.removeEventListener('abort', end);
        end = undefined;
      }
      notified = false;
    },
  };
}
