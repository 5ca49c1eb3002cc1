import { type Timers } from '../world/timers.ts';

/** Level-triggered work: after any number of pokes it runs once more, and never concurrently. */
export interface Loop {
  readonly poke: () => void;
}

export interface LoopOptions {
  readonly work: () => Promise<void>;
  readonly onError: (error: unknown) => void;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  readonly retryAfter: number;
}

export function createLoop({ work, onError, timers, signal, retryAfter }: LoopOptions): Loop {
  let wanted = false;
  let running = false;
  const run = async (): Promise<void> => {
    running = true;
    while (wanted && !signal.aborted) {
      wanted = false;
      try {
        await work();
      } catch (error) {
        if (signal.aborted) break;
        onError(error);
        wanted = true;
        await timers.sleep(retryAfter, signal).catch(() => undefined);
      }
    }
    running = false;
  };
  return {
    poke() {
      wanted = true;
      if (!running) void run();
    },
  };
}
