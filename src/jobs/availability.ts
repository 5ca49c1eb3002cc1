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
  let told: string | undefined;

  const tell = (sentence: string, error: unknown): void => {
    if (told === sentence) return;
    told = sentence;
    logger.warn('queue backend cannot be used', {
      why: sentence,
      ...(error === undefined ? {} : { err: error }),
    });
  };

  return {
    get usable() {
      return usable;
    },
    health: () => (why === undefined ? { ok: true } : { ok: false, why }),
    away: (sentence, error) => {
      if (stopped) return;
      usable = false;
      why = sentence;
      tell(sentence, error);
    },
    back: (flaw) => {
      if (stopped) return;
      if (flaw !== undefined) tell(flaw, undefined);
      else if (told !== undefined) {
        told = undefined;
        logger.info('queue backend is back');
      }
      usable = true;
      why = flaw;
      first.resolve();
      for (const callback of callbacks) callback();
    },
    onUsable: (callback) => callbacks.push(callback),
    ready: () => first.promise,
    stop: () => {
      stopped = true;
    },
  };
}
