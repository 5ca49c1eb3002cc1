import type { Millis } from '../reboot/time/time.ts';

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
