import type { Logger } from '../reboot/ports/logger.ts';

type Methods = Pick<Console, 'log' | 'info' | 'warn' | 'error' | 'debug'>;

/** Redirects the console to the log, so that lines written by libraries are JSON and contain no secret. */
export function consoleIntoLog(console: Methods, logger: Logger): void {
  const into =
    (level: 'debug' | 'warn') =>
    (...parts: readonly unknown[]): void =>
      logger[level]('a library says', {
        detail: parts.map((part) => (part instanceof Error ? part.message : String(part))).join(' '),
      });
  console.log = into('debug');
  console.info = into('debug');
  console.debug = into('debug');
  console.warn = into('warn');
  console.error = into('warn');
}
