import { type Logger as Pino, pino } from 'pino';
import type { LogFields, Logger } from '../reboot/ports.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on a stream, one message per line; errors with their causes, and never with what may be a secret. */
export function createLogger(options: {
  level: LogLevel;
  stream: NodeJS.WritableStream;
  secrets: readonly string[];
}): Logger {
  const secrets = options.secrets.filter((secret) => secret.length >= 8);
  const hide = (text: string): string =>
    secrets.reduce((safe, secret) => safe.replaceAll(secret, '[secret]'), text);
  const destination = { write: (line: string): void => void options.stream.write(hide(line)) };
  const base = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: describe },
    },
    destination,
  );
  return adapt(base);
}

function adapt(logger: Pino): Logger {
  const at = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, fields?: LogFields) =>
    fields === undefined ? logger[level](message) : logger[level](fields, message);
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (fields) => adapt(logger.child(fields)),
  };
}

/** What went wrong and what it came from, in one field; the stack only of what nobody expected. */
function describe(error: unknown): unknown {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const cause = error.cause === undefined ? {} : { cause: describe(error.cause) };
  const expected = error.name === 'PortError' || 'code' in error;
  return { message: error.message, ...code, ...(expected ? {} : { stack: error.stack }), ...cause };
}
