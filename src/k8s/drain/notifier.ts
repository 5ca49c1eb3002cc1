import type { Millis } from '../../reboot/ports/time.ts';
import { sleptThrough, type Sleep } from '../api/backoff.ts';

/** Wakes whoever waits. Muffle it before reading what it rings for: then a ring in between is not lost. */
export interface Notifier {
  notify(): void;
  reset(): void;
  heard(): Promise<void>;
}

export function createNotifier(): Notifier {
  let next = Promise.withResolvers<void>();
  return {
    notify: () => next.resolve(),
    reset() {
      next = Promise.withResolvers<void>();
    },
    heard: () => next.promise,
  };
}

/** Resolves at the bell, after `ms`, or when aborted. */
export async function notifiedWithin(
  notifier: Notifier,
  ms: Millis,
  { sleep, signal }: { readonly sleep: Sleep; readonly signal: AbortSignal },
): Promise<void> {
  const timer = new AbortController();
  const over = (): void => timer.abort();
  signal.addEventListener('abort', over, { once: true });
  await Promise.race([notifier.heard(), sleptThrough(sleep, ms, timer.signal)]);
  signal.removeEventListener('abort', over);
  over();
}
