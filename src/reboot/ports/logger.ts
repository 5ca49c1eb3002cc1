/** Where everything that is not for people in the channel is said. */
export interface LogFields {
  readonly [field: string]: unknown;
}

/** A constant message and fields; never a secret in either. */
export interface Logger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  child(fields: LogFields): Logger;
}
