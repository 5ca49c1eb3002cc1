import type { SlackClock } from '../clock.ts';
import { textAt, type Json, type JsonObject } from '../json.ts';
import type { App } from '../workspace/records.ts';
import { argsOf } from './args.ts';
import type { CallLog } from './call-log.ts';
import { opened } from './content.ts';
import type { FaultKind, Faults } from './faults.ts';
import { fail, type Method, type Methods, type Reply } from './method.ts';
import type { RateLimits } from './rate-limits.ts';

export interface ApiRequest {
  readonly method: string;
  readonly args: Readonly<Record<string, Json>>;
  /** From the header, or from the form. */
  readonly token: string;
  readonly userAgent: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** `hang`: keep the connection open without a response. `reset`: reset it. */
export type ApiAnswer = HttpAnswer | 'hang' | 'reset';

export interface DispatchDeps {
  readonly app: App;
  readonly botToken: string;
  readonly appToken: string;
  readonly methods: Methods;
  readonly faults: Faults;
  readonly rateLimits: RateLimits;
  readonly calls: CallLog;
  readonly clock: SlackClock;
}

/** Executes one call of the Web API. API errors are HTTP 200 with `ok: false`, as in Slack. */
export function dispatch(deps: DispatchDeps, request: ApiRequest): ApiAnswer {
  const fault = deps.faults.take(request.method);
  const answer = fault === undefined ? answerOf(deps, request) : faulty(fault, () => answerOf(deps, request));
  record(deps, request, answer);
  return answer;
}

function faulty(fault: FaultKind, work: () => HttpAnswer): ApiAnswer {
  if (fault === 'hang' || fault === 'reset') return fault;
  if (fault === 'hang-after' || fault === 'reset-after') {
    work();
    return fault === 'hang-after' ? 'hang' : 'reset';
  }
  if ('error' in fault) return json(200, fail(fault.error));
  return 'retryAfter' in fault ? rateLimited(fault.retryAfter) : json(fault.status, fail('internal_error'));
}

const json = (
  status: number,
  body: JsonObject,
  headers: Readonly<Record<string, string>> = {},
): HttpAnswer => ({
  status,
  headers: { 'content-type': 'application/json; charset=utf-8', ...headers },
  body: JSON.stringify(body),
});

const rateLimited = (seconds: number): HttpAnswer =>
  json(429, fail('ratelimited'), { 'retry-after': String(seconds) });

function answerOf(deps: DispatchDeps, request: ApiRequest): HttpAnswer {
  const method = Object.hasOwn(deps.methods, request.method) ? deps.methods[request.method] : undefined;
  if (method === undefined) return json(200, fail('unknown_method', { req_method: request.method }));
  const refusal = refuse(deps, method, request.token);
  if (refusal !== undefined) return json(200, refusal, scopeHeaders(deps.app, method));
  const channel = textAt(request.args, 'channel');
  const wait = deps.rateLimits.refuse(request.method, method.tier, channel);
  if (wait !== undefined) return rateLimited(wait);
  return json(200, method.run(argsOf(request.args)), scopeHeaders(deps.app, method));
}

function refuse({ app, botToken, appToken }: DispatchDeps, method: Method, token: string): Reply | undefined {
  if (method.token === 'none') return undefined;
  if (token === '') return fail('not_authed');
  if (token !== botToken && token !== appToken) return fail('invalid_auth');
  if (token !== (method.token === 'bot' ? botToken : appToken)) return fail('not_allowed_token_type');
  const provided = method.token === 'bot' ? app.scopes : ['connections:write'];
  const needed = method.scopes ?? [];
  return needed.length === 0 || needed.some((scope) => provided.includes(scope))
    ? undefined
    : fail('missing_scope', { needed: needed.join(','), provided: provided.join(',') });
}

const scopeHeaders = (app: App, method: Method): Readonly<Record<string, string>> =>
  method.token === 'bot'
    ? {
        'x-oauth-scopes': app.scopes.join(','),
        ...(method.scopes === undefined ? {} : { 'x-accepted-oauth-scopes': method.scopes.join(',') }),
      }
    : {};

function record({ calls, clock }: DispatchDeps, request: ApiRequest, answer: ApiAnswer): void {
  const status = typeof answer === 'string' ? 0 : answer.status;
  const body = typeof answer === 'string' ? undefined : (JSON.parse(answer.body) as Reply);
  const { token: _token, ...args } = request.args;
  calls.add({
    method: request.method,
    args: Object.fromEntries(Object.entries(args).map(([key, value]) => [key, opened(value)])),
    status,
    ...(body?.ok === false ? { error: body.error } : {}),
    at: clock.now(),
    userAgent: request.userAgent,
  });
}
