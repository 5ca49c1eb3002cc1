/** Availability of a backend: logs each change once and notifies the subscribers. */
import type { Logger } from '../reboot/ports/logger.ts';
import type { BackendHealth } from './backend.ts';

export interface Availability {
  readonly usable: boolean;
  health(): BackendHealth;
  /** The backend cannot be used; `why` is a sentence for people. */
  markUnusable(why: string, error?: unknown): void;
  /** The backend can be used; `flaw` is a problem to fix all the same. */
  markUsable(flaw?: string): void;
  /** The backend answered a call with an error: the next call may succeed. */
  markFailing(why: string, error: unknown): void;
  /** The backend executed a call. */
  markWorking(): void;
  onUsable(callback: () => void): void;
  ready(): Promise<void>;
  /** Suppresses later changes: the connections are closed on purpose. */
  stop(): void;
}

export function createAvailability(logger: Logger): Availability {
  const callbacks: (() => void)[] = [];
  const first = Promise.withResolvers<void>();
  const changeLog = createChangeLog(logger);
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
    markUnusable: (sentence, error) => {
      if (stopped) return;
      [usable, why, refused] = [false, sentence, undefined];
      changeLog.report(sentence, error);
    },
    markUsable: (flaw) => {
      if (stopped) return;
      [usable, why, refused] = [true, flaw, undefined];
      changeLog.report(flaw);
      first.resolve();
      for (const callback of callbacks) callback();
    },
    markFailing: (sentence, error) => {
      if (stopped || !usable) return;
      refused = sentence;
      changeLog.report(sentence, error);
    },
    markWorking: () => {
      if (stopped || refused === undefined) return;
      refused = undefined;
      changeLog.report(why);
    },
    onUsable: (callback) => callbacks.push(callback),
    ready: () => first.promise,
    stop: () => {
      stopped = true;
    },
  };
}

interface ChangeLog {
  /** Logs a problem, or undefined when there is none; repeated ones once. */
  report(sentence: string | undefined, error?: unknown): void;
}

function createChangeLog(logger: Logger): ChangeLog {
  let last: string | undefined;
  return {
    report: (sentence, error) => {
      if (last === sentence) return;
      last = sentence;
      if (sentence === undefined) return logger.info('queue backend is back');
      logger.warn('queue backend cannot be used', {
        why: sentence,
        ...(error === undefined ? {} : { err: error }),
      });
    },
  };
}
