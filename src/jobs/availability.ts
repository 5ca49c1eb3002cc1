/** Whether a backend can be used, told once for each change, and who wants to hear of it. */
import type { Logger } from '../reboot/ports/logger.ts';
import type { BackendHealth } from './backend.ts';

export interface Availability {
  readonly usable: boolean;
  health(): BackendHealth;
  /** It cannot be used; `why` is a sentence for people. */
  away(why: string, error?: unknown): void;
  /** It can be used; `flaw` is what should be mended all the same. */
  back(flaw?: string): void;
  /** It answers and did not do what it was asked for: the next call may succeed. */
  refuses(why: string, error: unknown): void;
  /** It did what it was asked for. */
  obeys(): void;
  onUsable(callback: () => void): void;
  ready(): Promise<void>;
  /** From here on nothing is told any more: the connections are closed on purpose. */
  stop(): void;
}

export function createAvailability(logger: Logger): Availability {
  const callbacks: (() => void)[] = [];
  const first = Promise.withResolvers<void>();
  const throttle = createTeller(logger);
  let usable = false;
  let stopped = false;
  let why: string | undefined = 'It has not been reached yet.';
  let refused: string | undefined;

  return {
    get usable() {
      return usable;
    },
    health: () => {
      if (refused !== undefined) return { ok: false, why: refused };
      if (why === undefined) return { ok: true };
      return { ok: false, why, ...(usable ? { flaw: true } : {}) };
    },
    away: (sentence, error) => {
      if (stopped) return;
      [usable, why, refused] = [false, sentence, undefined];
      throttle.tell(sentence, error);
    },
    back: (flaw) => {
      if (stopped) return;
      [usable, why, refused] = [true, flaw, undefined];
      throttle.tell(flaw);
      first.resolve();
      for (const callback of callbacks) callback();
    },
    refuses: (sentence, error) => {
      if (stopped || !usable) return;
      refused = sentence;
      throttle.tell(sentence, error);
    },
    obeys: () => {
      if (stopped || refused === undefined) return;
      refused = undefined;
      throttle.tell(why);
    },
    onUsable: (callback) => callbacks.push(callback),
    ready: () => first.promise,
    stop: () => {
      stopped = true;
    },
  };
}

interface Teller {
  /** What is the matter, or undefined when nothing is; each change once. */
  tell(sentence: string | undefined, error?: unknown): void;
}

function createTeller(logger: Logger): Teller {
  let told: string | undefined;
  return {
    tell: (sentence, error) => {
      if (told === sentence) return;
      told = sentence;
      if (sentence === undefined) return logger.info('queue backend is back');
      logger.warn('queue backend cannot be used', {
        why: sentence,
        ...(error === undefined ? {} : { err: error }),
      });
    },
  };
}
