import type { IncomingMessage, ServerResponse } from 'node:http';
import type { ApiAnswer, ApiRequest } from '../api/dispatch.ts';
import type { CallLog } from '../api/call-log.ts';
import type { Faults } from '../api/faults.ts';
import type { ResponseUrls } from '../acts/response-urls.ts';
import type { SlackClock } from '../clock.ts';
import { readBody } from './request-body.ts';

export interface ApiRouteDeps {
  readonly dispatch: (request: ApiRequest) => ApiAnswer;
  readonly responseUrls: ResponseUrls;
  readonly calls: CallLog;
  readonly faults: Faults;
  readonly clock: SlackClock;
}

const text = (status: number, body: string) => ({ status, headers: { 'content-type': 'text/plain' }, body });

/** `POST /api/<method>`. */
export async function serveApi(
  { dispatch }: ApiRouteDeps,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const body = await readBody(request, url.searchParams);
  if ('error' in body) {
    const status = body.error === 'too_large' ? 413 : 200;
    reply(response, {
      status,
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ ok: false, error: body.error }),
    });
    return;
  }
  const bearer = /^Bearer (.+)$/.exec(request.headers.authorization ?? '')?.[1];
  const field = body.fields['token'];
  const answer = dispatch({
    method: url.pathname.slice('/api/'.length),
    args: body.fields,
    token: bearer ?? (typeof field === 'string' ? field : ''),
    userAgent: request.headers['user-agent'] ?? '',
  });
  reply(response, answer);
}

/** `POST /response/<id>`: without a token, the URL itself is the credential. */
export async function serveResponseUrl(
  { responseUrls, calls, faults, clock }: ApiRouteDeps,
  request: IncomingMessage,
  response: ServerResponse,
  url: URL,
): Promise<void> {
  const body = await readBody(request, new URLSearchParams());
  const fields = 'error' in body ? {} : body.fields;
  const work = () => {
    const { status, body: said } = responseUrls.post(url.pathname.slice('/response/'.length), fields);
    return text(status, said);
  };
  const fault = faults.take('response_url');
  const answer = fault === undefined ? work() : faultyText(fault, work);
  calls.add({
    method: 'response_url',
    args: fields,
    status: typeof answer === 'string' ? 0 : answer.status,
    ...(typeof answer !== 'string' && answer.status !== 200 ? { error: answer.body } : {}),
    at: clock.now(),
    userAgent: request.headers['user-agent'] ?? '',
  });
  reply(response, answer);
}

function faultyText(fault: NonNullable<ReturnType<Faults['take']>>, work: () => ApiAnswer): ApiAnswer {
  if (fault === 'hang' || fault === 'reset') return fault;
  if (fault === 'hang-after' || fault === 'reset-after') {
    work();
    return fault === 'hang-after' ? 'hang' : 'reset';
  }
  return 'error' in fault ? text(404, fault.error) : text(fault.status, 'error');
}

function reply(response: ServerResponse, answer: ApiAnswer): void {
  if (answer === 'hang') return;
  if (answer === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  response.writeHead(answer.status, { ...answer.headers });
  response.end(answer.body);
}
