export interface Debounced {
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly after: number;
  readonly signal: AbortSignal;
}

/**
 * A trailing debounce: runs `work` once, `after` milliseconds after the first call. Runs never overlap; calls
 * during a run cause one more.
 */
export function debounce({ sleep, after, signal }: Debounced, work: () => Promise<void>): () => void {
  let state: 'idle' | 'soon' | 'working' = 'idle';
  let again = false;
  const run = async (): Promise<void> => {
    await sleep(after, signal).catch(() => undefined);
    if (signal.aborted) return;
    state = 'working';
    await work();
    state = 'idle';
    if (!again) return;
    again = false;
    ask();
  };
  const ask = (): void => {
    if (state === 'working') again = true;
    if (state !== 'idle') return;
    state = 'soon';
    void run();
  };
  return ask;
}
