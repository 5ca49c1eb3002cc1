import type { Millis } from '../../reboot/time/time.ts';
import { sleptThrough, type Sleep } from '../../timing/sleep.ts';

/**
 * Wakes a waiting loop. Call `reset` before reading the state that `notify` announces: a notification in
 * between is then not lost.
 */
export interface Notifier {
  notify(): void;
  reset(): void;
  notified(): Promise<void>;
}

export function createNotifier(): Notifier {
  let next = Promise.withResolvers<void>();
  return {
    notify: () => next.resolve(),
    reset() {
      next = Promise.withResolvers<void>();
    },
    notified: () => next.promise,
  };
}

/** Resolves on a notification, after `ms`, or when aborted. */
export async function notifiedWithin(
  notifier: Notifier,
  ms: Millis,
  { sleep, signal }: { readonly sleep: Sleep; readonly signal: AbortSignal },
): Promise<void> {
  const timer = new AbortController();
  const cancel = (): void => timer.abort();
  signal.addEventListener('abort', cancel, { once: true });
  await Promise.race([notifier.notified(), sleptThrough(sleep, ms, timer.signal)]);
  signal.removeEventListener('abort', cancel);
  cancel();
}
