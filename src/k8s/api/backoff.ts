import type { Millis } from '../../reboot/ports/time.ts';

/** Resolves after `ms`; may reject, or resolve early, when `signal` aborts. */
export type Sleep = (ms: Millis, signal?: AbortSignal) => Promise<void>;

/** Sleeps unless aborted; true when the whole time has passed. */
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
 * The wait before retry number `attempt` (from 1): grows by `factor` up to `most`; between a half and the
 * whole of it, so that those who failed together do not come back together.
 */
export function backoff(shape: BackoffShape, attempt: number, random: () => number): Millis {
  const whole = Math.min(shape.most, shape.first * shape.factor ** Math.min(attempt - 1, 64));
  return whole / 2 + (whole / 2) * random();
}
