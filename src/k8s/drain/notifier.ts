import type { Millis } from '../../reboot/ports/time.ts';
import { sleptThrough, type Sleep } from '../api/backoff.ts';

/** Wakes whoever waits. Muffle it before reading what it rings for: then a ring in between is not lost. */
export interface Bell {
  ring(): void;
  muffle(): void;
  heard(): Promise<void>;
}

export function createBell(): Bell {
  let next = Promise.withResolvers<void>();
  return {
    ring: () => next.resolve(),
    muffle() {
      next = Promise.withResolvers<void>();
    },
    heard: () => next.promise,
  };
}

/** Resolves at the bell, after `ms`, or when aborted. */
export async function heardWithin(
  bell: Bell,
  ms: Millis,
  { sleep, signal }: { readonly sleep: Sleep; readonly signal: AbortSignal },
): Promise<void> {
  const timer = new AbortController();
  const over = (): void => timer.abort();
  signal.addEventListener('abort', over, { once: true });
  await Promise.race([bell.heard(), sleptThrough(sleep, ms, timer.signal)]);
  signal.removeEventListener('abort', over);
  over();
}
