import type { Sleep } from './sleep.ts';

export interface DebounceOptions {
  readonly sleep: Sleep;
  readonly after: number;
  readonly signal: AbortSignal;
}

/**
 * A trailing debounce: runs `work` once, `after` milliseconds after the first call. Runs never overlap; calls
 * during a run cause one more.
 */
export function debounce({ sleep, after, signal }: DebounceOptions, work: () => Promise<void>): () => void {
  let state: 'idle' | 'scheduled' | 'running' = 'idle';
  let again = false;
  const run = async (): Promise<void> => {
    await sleep(after, signal).catch(() => undefined);
    if (signal.aborted) return;
    state = 'running';
    await work();
    state = 'idle';
    if (!again) return;
    again = false;
    trigger();
  };
  const trigger = (): void => {
    if (state === 'running') again = true;
    if (state !== 'idle') return;
    state = 'scheduled';
    void run();
  };
  return trigger;
}
