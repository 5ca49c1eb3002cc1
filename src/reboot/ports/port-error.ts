/** Something that Tugboot depends on failed: not an answer, but the lack of one. */
export type PortErrorCode =
  | 'cluster-unreachable'
  | 'cluster-refused'
  | 'cluster-invalid'
  /**
   * What Tugboot keeps in the cluster was changed by hand, or by another version. The message says what and
   * how to mend it.
   */
  | 'reboot-unreadable'
  | 'ledger-unreadable'
  /** The API server does not serve a kind of ours. The message says which and how to mend it. */
  | 'definition-missing'
  | 'chat-unreachable'
  | 'chat-refused'
  /** Chat does not know the person who acts; nobody's right is missing. */
  | 'chat-unknown-person'
  | 'queue-unreachable'
  | 'conflict';

export class PortError extends Error {
  override readonly name = 'PortError';
  readonly code: PortErrorCode;
  /** Whether the same call may work later without anybody changing anything. */
  readonly retryable: boolean;

  constructor(code: PortErrorCode, message: string, options: { retryable: boolean; cause?: unknown }) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = options.retryable;
  }
}
