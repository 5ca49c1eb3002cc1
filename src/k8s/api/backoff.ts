import type { Millis } from '../../reboot/ports/time.ts';

/** Resolves after `ms`; may reject, or resolve early, when `signal` aborts. */
export type Sleep = (ms: Millis, signal?: AbortSignal) => Promise<void>;

/** Sleeps for `ms`. False when `signal` aborted before the end. Other rejections propagate. */
export async function sleptThrough(sleep: Sleep, ms: Millis, signal: AbortSignal): Promise<boolean> {
  if (signal.aborted) return false;
  try {
    await sleep(ms, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  }
  return !signal.aborted;
}

export interface BackoffShape {
  readonly first: Millis;
  readonly most: Millis;
  readonly factor: number;
}

/**
 * The delay before retry number `attempt` (from 1): exponential by `factor`, capped at `most`, with jitter
 * between half and all of it, so that clients that failed together do not retry together.
 */
export function backoff(shape: BackoffShape, attempt: number, random: () => number): Millis {
  const whole = Math.min(shape.most, shape.first * shape.factor ** Math.min(attempt - 1, 64));
  return whole / 2 + (whole / 2) * random();
}
