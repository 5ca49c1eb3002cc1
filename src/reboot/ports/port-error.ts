/** Codes of failed dependencies: there was no answer, as opposed to a negative one. */
export type PortErrorCode =
  | 'cluster-unreachable'
  | 'cluster-refused'
  | 'cluster-invalid'
  /**
   * A stored object was changed by hand, or by another version. The message says what, and how to repair it.
   */
  | 'reboot-unreadable'
  | 'ledger-unreadable'
  /**
   * The API server does not serve one of Tugboot's custom resources. The message says which, and how to
   * repair it.
   */
  | 'definition-missing'
  | 'chat-unreachable'
  | 'chat-refused'
  /** Slack returned no account for the person; no permission is missing. */
  | 'chat-unknown-person'
  | 'queue-unreachable'
  | 'conflict';

export class PortError extends Error {
  override readonly name = 'PortError';
  readonly code: PortErrorCode;
  /** Whether the same call may succeed later without any change. */
  readonly retryable: boolean;

  constructor(code: PortErrorCode, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
  }
}
