/** Classifies the Web API's errors: wait, retry, or give up. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { z } from 'zod';
import { PortError } from '../../reboot/ports/port-error.ts';
import { second, type Millis } from '../../reboot/time/time.ts';

export type Failure =
  /** Not executed; Slack names the delay before the next call. */
  | { readonly kind: 'rate-limited'; readonly after: Millis }
  /** It may have been executed or not. */
  | { readonly kind: 'transient' }
  /** Refused by Slack, with its error code. `missingScope` if the app lacks a scope. */
  | { readonly kind: 'refused'; readonly code: string; readonly missingScope?: string };

/** Error codes of `ok: false` answers that mean an outage at Slack, not an invalid call. */
const outageCodes = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/**
 * The format of Slack's error codes. Anything else, such as a proxy's HTML page, is not an answer of Slack.
 */
const codeShape = /^[a-z0-9_]+$/;

/**
 * Slack refuses with a code of its own and HTTP 200. Another status, or another form of answer, comes from an
 * intermediary.
 */
export function slackFailureOf(error: unknown): Failure {
  if (error instanceof WebAPIRateLimitedError)
    return { kind: 'rate-limited', after: Math.max(1, error.retryAfter) * second };
  if (error instanceof WebAPIPlatformError) return answeredFailure(error.data);
  if (error instanceof WebAPIHTTPError) return answeredFailure(parsed(error.body));
  return { kind: 'transient' };
}

function parsed(body: unknown): unknown {
  if (typeof body !== 'string') return body;
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

const refusal = z.object({ error: z.string().regex(codeShape), needed: z.unknown().optional() });

function answeredFailure(answer: unknown): Failure {
  const { data } = refusal.safeParse(answer);
  if (data?.error === 'ratelimited' || data?.error === 'rate_limited')
    return { kind: 'rate-limited', after: 30 * second };
  if (data === undefined || outageCodes.has(data.error)) return { kind: 'transient' };
  const { error: code, needed } = data;
  // Other refusals may have `needed` too.
  return {
    kind: 'refused',
    code,
    ...(code === 'missing_scope' && typeof needed === 'string' ? { missingScope: needed } : {}),
  };
}

export function toPortError(method: string, error: unknown): PortError {
  if (error instanceof PortError) return error;
  const failure = slackFailureOf(error);
  if (failure.kind !== 'refused') {
    return new PortError('chat-unreachable', `Slack did not answer ${method}`, {
      retryable: true,
      cause: error,
    });
  }
  const scope = failure.missingScope ? `; the app lacks the scope ${failure.missingScope}` : '';
  const message = `Slack refused ${method}: ${failure.code}${scope}`;
  return new PortError('chat-refused', message, { retryable: false, cause: error });
}

/** The code with which Slack refused a call; unwraps a PortError. */
export function refusalCode(error: unknown): string | undefined {
  const inner = error instanceof PortError ? error.cause : error;
  const failure = slackFailureOf(inner);
  return failure.kind === 'refused' ? failure.code : undefined;
}

/** The delay in `Retry-After`; unwraps a PortError. */
export function retryAfterOf(error: unknown): Millis | undefined {
  const failure = slackFailureOf(error instanceof PortError ? error.cause : error);
  return failure.kind === 'rate-limited' ? failure.after : undefined;
}
