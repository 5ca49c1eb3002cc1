export interface Debounced {
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly after: number;
  readonly signal: AbortSignal;
}

/**
 * Does the work a moment after it was first asked for, once for all who ask until then, and never twice at
 * the same time.
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
