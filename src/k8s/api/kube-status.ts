import { PortError } from '../../reboot/ports/port-error.ts';
import { field, numberAt, textAt } from './json-value.ts';

/** An error response of the API server: its `Status` object, or the equivalent for a body that is none. */
export interface KubeStatus {
  readonly code: number;
  readonly reason: string;
  readonly message: string;
  readonly retryAfterSeconds?: number;
  readonly causes: readonly { readonly reason: string; readonly message: string }[];
}

/** In characters. Enough for the API server's own messages; an admission webhook may send pages. */
const longest = 400;

/** The message on one line. It may contain names from the cluster: escape it before it is displayed. */
const oneLine = (text: string): string =>
  text
    .replaceAll(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, longest);

/**
 * A 429 and a 503 may carry the retry delay in the header, in the body, or in both; a proxy's body is no
 * Status.
 */
export function parseStatus(code: number, body: string, retryAfter: string | undefined): KubeStatus {
  let parsed: unknown;
  try {
    parsed = JSON.parse(body);
  } catch {
    parsed = undefined;
  }
  if (textAt(parsed, 'kind') !== 'Status') parsed = { reason: '', message: body };
  return statusOf(parsed, code, retryAfter);
}

export function statusOf(status: unknown, code: number, retryAfter?: string): KubeStatus {
  const details = field(status, 'details');
  const causes = field(details, 'causes');
  const seconds = numberAt(details, 'retryAfterSeconds') ?? headerSeconds(retryAfter);
  return {
    code: numberAt(status, 'code') ?? code,
    reason: textAt(status, 'reason') ?? '',
    message: oneLine(textAt(status, 'message') ?? ''),
    causes: (Array.isArray(causes) ? causes : []).map((cause: unknown) => ({
      reason: textAt(cause, 'reason') ?? '',
      message: oneLine(textAt(cause, 'message') ?? ''),
    })),
    ...(seconds === undefined ? {} : { retryAfterSeconds: seconds }),
  };
}

function headerSeconds(header: string | undefined): number | undefined {
  const seconds = Number(header);
  return header === undefined || !Number.isFinite(seconds) ? undefined : seconds;
}

/** The error for a response that the caller does not handle. `doing` completes the clause "While …". */
export function unexpectedStatus(status: KubeStatus, doing: string): PortError {
  const text = status.message || status.reason || 'no reason given';
  const message = `While ${doing}, the API server answered ${status.code}: ${text}`;
  if (status.code === 409) return new PortError('conflict', message, { retryable: true });
  // 401: the token may have rotated, and is read again. 429 and 5xx: the server is overloaded or starting.
  // 403: a server that has just started refuses everything until its authorizer has read the roles (seen on
  // kube-apiserver 1.36.3), and a missing right may be granted.
  const later = [401, 403, 429].includes(status.code) || status.code >= 500;
  if (later) return new PortError('cluster-refused', message, { retryable: true });
  return new PortError('cluster-invalid', message, { retryable: false });
}
