import { type IncomingMessage, type RequestListener, type ServerResponse } from 'node:http';
import { type ApiUser, checkPath } from '../access/access.ts';
import { reviewAccess, reviewPath, reviewSelf, selfPath } from '../access/access-review.ts';
import { readBody, sendError, sendJson, sendText } from './answer.ts';
import { describe } from '../types/discovery.ts';
import { type FaultAction, type FaultList } from './faults.ts';
import { handleResource } from './handle-resource.ts';
import { type JsonObject } from '../json.ts';
import { type RequestLog } from './request-log.ts';
import { readRequest, refuseAddress, type ResourceRequest } from './request.ts';
import { internalError, methodNotAllowed, StatusError, unauthorized } from '../status-error.ts';
import { type TypeRegistry } from '../types/type-registry.ts';
import { type Watches } from '../watch/watch.ts';
import { type Cluster } from '../objects/writes.ts';

interface HandlerDeps {
  readonly cluster: Cluster;
  readonly types: TypeRegistry;
  readonly watches: Watches;
  readonly faults: FaultList;
  readonly log: RequestLog;
  readonly users: ReadonlyMap<string, ApiUser>;
  readonly anonymous: ApiUser | undefined;
}

interface Call {
  readonly incoming: IncomingMessage;
  readonly response: ServerResponse;
  readonly url: URL;
  readonly user: ApiUser;
  readonly request: ResourceRequest | undefined;
  readonly verb: string;
}

const anonymous: ApiUser = { name: 'system:anonymous', rules: [] };
/** Paths that the real server serves without authentication. */
const openPath = /^\/(healthz|livez|readyz|version)(\/|$)/;

/**
 * A bearer token, or the password of Basic: kubectl sends no bearer token over plain HTTP, but the
 * credentials in the server's URL.
 */
function tokenOf(authorization: string): string | undefined {
  const [, scheme, credentials = ''] = /^(Bearer|Basic) (.+)$/i.exec(authorization) ?? [];
  if (scheme?.toLowerCase() !== 'basic') return scheme && credentials;
  return Buffer.from(credentials, 'base64')
    .toString()
    .replace(/^[^:]*:/, '');
}

/** Handles one request: authentication, routing, injected faults, response. */
export function createHandler(deps: HandlerDeps): RequestListener {
  return (incoming, response) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const token = tokenOf(incoming.headers.authorization ?? '');
    const user = token === undefined ? deps.anonymous : deps.users.get(token);
    const request = readRequest(incoming.method ?? 'GET', url, deps.types);
    const verb = request?.verb ?? (incoming.method ?? 'GET').toLowerCase();
    const call: Call = { incoming, response, url, user: user ?? anonymous, request, verb };
    const record = {
      at: deps.cluster.now(),
      verb,
      path: url.pathname,
      query: url.search,
      user: call.user.name,
      userAgent: incoming.headers['user-agent'] ?? '',
      status: 0,
    };
    deps.log.add(record);
    response.on('error', () => response.destroy());
    const known = user !== undefined || openPath.test(url.pathname);
    const answered = known ? meetFault(deps, call) : Promise.reject(unauthorized());
    void answered
      .catch((error: unknown) => answerError(response, error))
      .finally(() => {
        record.status = response.headersSent ? response.statusCode : 0;
      });
  };
}

async function meetFault(deps: HandlerDeps, call: Call): Promise<void> {
  const fault = deps.faults.take({
    verb: call.verb,
    path: call.url.pathname + call.url.search,
    user: call.user.name,
  });
  if (fault === undefined) return route(deps, call);
  if (typeof fault === 'object' && 'delayMs' in fault) {
    await new Promise((resolve) => setTimeout(resolve, fault.delayMs));
    return route(deps, call);
  }
  strike(call.response, fault);
}

function strike(response: ServerResponse, fault: Exclude<FaultAction, { readonly delayMs: number }>): void {
  // The request stays open until the client disconnects or the server goes down.
  if (fault === 'hang') return;
  if (fault === 'reset') {
    response.socket?.resetAndDestroy();
    return;
  }
  for (const [name, value] of Object.entries(fault.headers ?? {})) response.setHeader(name, value);
  if (typeof fault.body === 'string') sendText(response, fault.status, fault.body);
  else sendJson(response, fault.status, (fault.body ?? plainStatus(fault.status)) as JsonObject);
}

const plainStatus = (code: number): JsonObject => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message: 'injected fault',
  code,
});

async function route(deps: HandlerDeps, call: Call): Promise<void> {
  const { incoming, response, url, user, request } = call;
  if (request !== undefined) {
    return handleResource({
      cluster: deps.cluster,
      watches: deps.watches,
      user,
      request,
      incoming,
      response,
    });
  }
  if (url.pathname === reviewPath) {
    if (incoming.method !== 'POST') throw methodNotAllowed();
    return sendJson(response, 201, reviewAccess(user, await readBody(incoming)));
  }
  if (url.pathname === selfPath) {
    if (incoming.method !== 'POST') throw methodNotAllowed();
    await readBody(incoming);
    return sendJson(response, 201, reviewSelf(user));
  }
  checkPath(user, url.pathname);
  const described = describe(url.pathname, deps.types);
  if (described === undefined) {
    const refusal = refuseAddress(url, deps.types);
    if (refusal !== undefined) throw refusal;
    return sendText(response, 404, '404 page not found\n');
  }
  return typeof described === 'string'
    ? sendText(response, 200, described)
    : sendJson(response, 200, described);
}

/** Once a watch's headers are sent, it can only be closed. */
function answerError(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  sendError(
    response,
    error instanceof StatusError
      ? error
      : internalError(error instanceof Error ? error.message : String(error)),
  );
}
