import { cleanText } from '../host/clean-text.ts';

/** The API server refused a request, or could not be reached (then `status` is undefined). */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number | undefined;

  constructor(message: string, options: { status?: number; cause?: unknown } = {}) {
    super(cleanText(message, 300), options.cause === undefined ? undefined : { cause: options.cause });
    this.status = options.status;
  }
}

export const isNotFound = (error: unknown): boolean => error instanceof ApiError && error.status === 404;

/** The error and its causes in one line, for a log. */
export function describeError(error: unknown): string {
  if (!(error instanceof Error)) return cleanText(String(error), 300);
  const cause = error.cause === undefined ? '' : ` (${describeError(error.cause)})`;
  return cleanText(error.message + cause, 300);
}
