import { type Logger as Pino, pino } from 'pino';
import type { LogFields, Logger } from '../reboot/ports/logger.ts';
import { auditedMessages, type AuditRecord } from './audited.ts';

export type LogLevel = 'debug' | 'info' | 'warn' | 'error' | 'silent';

/** JSON lines on a stream, one message a line; errors with their causes, and without secrets. */
export function createLogger(options: {
  level: LogLevel;
  stream: NodeJS.WritableStream;
  /** Removes secrets from a line. */
  hide: (line: string) => string;
  /** On each line. */
  fields?: LogFields;
  /** Called for each line that records a decision. */
  onAudit?: (record: AuditRecord) => void;
}): Logger {
  const { hide, onAudit } = options;
  const destination = {
    write: (line: string): void => {
      const safe = hide(line);
      options.stream.write(safe);
      if (onAudit && line.includes(auditMark)) onAudit(JSON.parse(safe) as AuditRecord);
    },
  };
  const base = pino(
    {
      level: options.level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: (error: unknown) => describe(error) },
    },
    destination,
  );
  return adapt(base, options.fields ?? {});
}

/** As pino writes it. A field of a line can hold this text only with its quotes escaped. */
const auditMark = '"audit":true';

/** `fields` are on each line, each once: pino would write one that a child has, too, twice. */
function adapt(base: Pino, fields: LogFields): Logger {
  const logger = base.child(fields);
  const at =
    (level: 'debug' | 'info' | 'warn' | 'error') =>
    (message: string, more?: LogFields): void => {
      // At every level of the log, `silent` included.
      const to = auditedMessages.has(message) ? logger.child({ audit: true }, { level: 'debug' }) : logger;
      if (more === undefined) to[level](message);
      else to[level](more, message);
    };
  return {
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: (more) => adapt(base, { ...fields, ...more }),
  };
}

/** Bounds a chain of causes, which may be circular. */
const deepest = 5;

/** The error and its causes in one field; with a stack only if it is unexpected. */
function describe(error: unknown, depth = 0): unknown {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? { code: error.code } : {};
  const known = error.cause !== undefined && depth < deepest;
  const cause = known ? { cause: describe(error.cause, depth + 1) } : {};
  const expected = error.name === 'PortError' || 'code' in error;
  return { message: error.message, ...code, ...(expected ? {} : { stack: error.stack }), ...cause };
}
