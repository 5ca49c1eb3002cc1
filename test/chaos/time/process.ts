/**
 * A process of a schedule. Whatever reaches it from outside (a timer, an answer, a job, a payload) passes
 * through here, so that it can die between any two of them, or be frozen and get them all when it thaws.
 */
import type { Cancel, VirtualTime } from './virtual-time.ts';

export interface Process {
  readonly name: string;
  state(): 'running' | 'frozen' | 'dead';
  /** Runs it now, later if the process is frozen, never if it has died. */
  readonly deliver: (run: () => void) => void;
  /** The wall clock of its machine, which may be wrong; timers do not depend on it. */
  readonly now: () => number;
  setClock(offset: number): void;
  readonly after: (ms: number, run: () => void) => Cancel;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly every: (ms: number, signal: AbortSignal, run: () => void) => void;
  die(): void;
  freeze(): void;
  thaw(): void;
}

export function createProcess(name: string, time: VirtualTime): Process {
  let state: ReturnType<Process['state']> = 'running';
  let offset = 0;
  let inbox: (() => void)[] = [];
  const deliver = (run: () => void): void => {
    if (state === 'running') run();
    else if (state === 'frozen') inbox.push(run);
  };
  const after = (ms: number, run: () => void): Cancel => {
    let isOff = false;
    const cancel = time.after(ms, () =>
      deliver(() => {
        if (!isOff) run();
      }),
    );
    return () => {
      isOff = true;
      cancel();
    };
  };
  return {
    name,
    state: () => state,
    deliver,
    now: () => time.now() + offset,
    setClock: (next) => {
      offset = next;
    },
    after,
    sleep: (ms, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason);
        const abort = (): void => {
          cancel();
          reject(signal?.reason);
        };
        const cancel = after(ms, () => {
          signal?.removeEventListener('abort', abort);
          resolve();
        });
        signal?.addEventListener('abort', abort, { once: true });
      }),
    every(ms, signal, run) {
      let cancel: Cancel = () => undefined;
      const next = (): void => {
        cancel = after(ms, () => {
          next();
          run();
        });
      };
      next();
      signal.addEventListener('abort', () => cancel(), { once: true });
    },
    die() {
      state = 'dead';
      inbox = [];
    },
    freeze() {
      if (state === 'running') state = 'frozen';
    },
    thaw() {
      if (state !== 'frozen') return;
      state = 'running';
      const held = inbox;
      inbox = [];
      // One event each, so that what they cause comes between them.
      for (const run of held) time.after(0, () => deliver(run));
    },
  };
}
