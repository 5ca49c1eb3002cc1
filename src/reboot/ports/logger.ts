/** Structured log fields. */
export interface LogFields {
  readonly [field: string]: unknown;
}

/** Takes a constant message and fields. Neither may contain a secret. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}
