/** Whether a backend can be used, told once for each change, and who wants to hear of it. */
import type { Logger } from '../reboot/ports.ts';
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
  let usable = false;
  let stopped = false;
  let why: string | undefined = 'It has not been reached yet.';
  let refused: string | undefined;
  let told: string | undefined;

  const tell = (sentence: string, error: unknown): void => {
    if (told === sentence) return;
    told = sentence;
    logger.warn('queue backend cannot be used', {
      why: sentence,
      ...(error === undefined ? {} : { err: error }),
    });
  };

  const fine = (): void => {
    if (told === why) return;
    told = why;
    logger.info('queue backend is back');
  };

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
      usable = false;
      why = sentence;
      refused = undefined;
      tell(sentence, error);
    },
    back: (flaw) => {
      if (stopped) return;
      usable = true;
      why = flaw;
      refused = undefined;
      if (flaw !== undefined) tell(flaw, undefined);
      else fine();
      first.resolve();
      for (const callback of callbacks) callback();
    },
    refuses: (sentence, error) => {
      if (stopped || !usable) return;
      refused = sentence;
      tell(sentence, error);
    },
    obeys: () => {
      if (stopped || refused === undefined) return;
      refused = undefined;
      fine();
    },
    onUsable: (callback) => callbacks.push(callback),
    ready: () => first.promise,
    stop: () => {
      stopped = true;
    },
  };
}
