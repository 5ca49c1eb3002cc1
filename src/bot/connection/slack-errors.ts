/** What the Web API's errors mean to us: wait, try again, or give up. */
import { WebAPIHTTPError, WebAPIPlatformError, WebAPIRateLimitedError } from '@slack/web-api';
import { z } from 'zod';
import { PortError } from '../../reboot/ports/port-error.ts';
import { second, type Millis } from '../../reboot/ports/time.ts';

export type Failure =
  /** Slack did not do it, and says when to ask again. */
  | { readonly kind: 'rate-limited'; readonly after: Millis }
  /** It may have happened or not. */
  | { readonly kind: 'transient' }
  /** Slack understood and will not. `missingScope` when that is the reason. */
  | { readonly kind: 'refused'; readonly code: string; readonly missingScope?: string };

/** `ok: false` answers that tell of trouble at Slack's, not of a wrong call. */
const troubled = new Set([
  'internal_error',
  'fatal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
]);

/** What Slack's codes look like. Anything else, a proxy's HTML page say, is no answer of Slack's. */
const codeShape = /^[a-z0-9_]+$/;

/**
 * Slack says no with its own code and HTTP 200; a status or an answer of another form comes from something in
 * between.
 */
export function failureOf(error: unknown): Failure {
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
  if (data === undefined || troubled.has(data.error)) return { kind: 'transient' };
  const { error: code, needed } = data;
  // Some refusals of other kinds name the method's scopes as well.
  return {
    kind: 'refused',
    code,
    ...(code === 'missing_scope' && typeof needed === 'string' ? { missingScope: needed } : {}),
  };
}

export function toPortError(method: string, error: unknown): PortError {
  if (error instanceof PortError) return error;
  const failure = failureOf(error);
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

/** The error code with which Slack refused a call, through whatever it was wrapped in. */
export function refusalCode(error: unknown): string | undefined {
  const inner = error instanceof PortError ? error.cause : error;
  const failure = failureOf(inner);
  return failure.kind === 'refused' ? failure.code : undefined;
}

/** What Slack asked for in `Retry-After`, through whatever the error was wrapped in. */
export function retryAfterOf(error: unknown): Millis | undefined {
  const failure = failureOf(error instanceof PortError ? error.cause : error);
  return failure.kind === 'rate-limited' ? failure.after : undefined;
}
