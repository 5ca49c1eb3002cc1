import type { Dispatcher } from 'undici';
import { PortError } from '../../reboot/ports/port-error.ts';
import { second, type Millis } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { definitionMissing } from './definition-missing.ts';
import type { KubeAccess } from './kube-access.ts';
import { parseStatus, unexpectedStatus, type KubeStatus } from './kube-status.ts';
import { readLines } from './lines.ts';
import type { Transport } from './transport.ts';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** Content types of a PATCH (API concepts, "Patch"). The server refuses a body that does not fit its type. */
const patchTypes = {
  json: 'application/json-patch+json',
  merge: 'application/merge-patch+json',
} as const;

export interface KubeRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly query?: Query;
  readonly body?: unknown;
  readonly patch?: keyof typeof patchTypes;
  readonly signal?: AbortSignal;
  readonly timeout?: Millis;
  /** The response is text and not JSON: return its body as it is, or, for an error, the whole message. */
  readonly plain?: boolean;
  /**
   * Return a 429 to the caller instead of retrying after `Retry-After`: the eviction subresource uses it for
   * budgets.
   */
  readonly tooManyIsAnAnswer?: boolean;
}

export type KubeAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: KubeStatus };

export interface KubeClient {
  /** Returns every HTTP status as a value. Throws a `PortError` when there is no response. */
  send(request: KubeRequest): Promise<KubeAnswer>;
  /** The events of a watch, until the server ends the stream or `signal` aborts. */
  watch(path: string, query: Query, signal: AbortSignal): AsyncGenerator<unknown, void, undefined>;
  close(): Promise<void>;
}

export interface KubeClientDeps {
  readonly access: KubeAccess;
  readonly transport: Transport;
  readonly sleep: Sleep;
  readonly userAgent: string;
}

const usualTimeout = 15 * second;
/** Limit of an error text that is returned unparsed, in characters. */
const longestErrorText = 10_000;
/** API priority and fairness throttles with 429 and `Retry-After`. After three retries the caller decides. */
const throttleRetries = 3;
const longestRetryAfter = 10 * second;

function unreachable(cause: unknown): PortError {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why = typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'unknown error';
  return new PortError('cluster-unreachable', `The cluster cannot be reached (${why}).`, {
    retryable: true,
    cause,
  });
}

/** OpenSSL's verification errors, as Node names them (doc/api/tls.md, "X509 certificate error codes"). */
const certificateError =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)|ERROR_IN_CERT|ERR_TLS_CERT)/;

/** Whether the server's certificate failed verification: the certificate authority may have been replaced. */
function isCertificateError(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && certificateError.test(code);
}

function address(
  server: string,
  path: string,
  query: Query = {},
): { readonly origin: string; readonly path: string } {
  const url = new URL(server + path);
  for (const [key, value] of Object.entries(query)) {
    if (value !== undefined) url.searchParams.set(key, String(value));
  }
  return { origin: url.origin, path: url.pathname + url.search };
}

function contentOf(request: KubeRequest): {
  readonly body: string | null;
  readonly headers: Record<string, string>;
} {
  if (request.body === undefined) return { body: null, headers: {} };
  const type = request.patch === undefined ? 'application/json' : patchTypes[request.patch];
  return { body: JSON.stringify(request.body), headers: { 'content-type': type } };
}

function parseBody(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    // For example a proxy's login page: a response, but not the API server's.
    const message = 'The API server answered with something that is no JSON.';
    throw new PortError('cluster-refused', message, { retryable: true, cause });
  }
}

class HttpKubeClient implements KubeClient {
  readonly #deps: KubeClientDeps;
  readonly #headers: Readonly<Record<string, string>>;

  constructor(deps: KubeClientDeps) {
    this.#deps = deps;
    this.#headers = { accept: 'application/json', 'user-agent': deps.userAgent };
  }

  async send(request: KubeRequest): Promise<KubeAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      const answer = await this.#sendRetrying(request);
      if (answer.ok || answer.status.code !== 429) return answer;
      if (request.tooManyIsAnAnswer || attempt > throttleRetries) return answer;
      const wait = (answer.status.retryAfterSeconds ?? 1) * second;
      await this.#deps.sleep(Math.min(wait, longestRetryAfter), request.signal);
    }
  }

  async *watch(path: string, query: Query, signal: AbortSignal): AsyncGenerator<unknown, void, undefined> {
    const { access, transport } = this.#deps;
    const { headers, tls, key } = await access.credentials();
    const options: Dispatcher.RequestOptions = {
      ...address(access.server, path, { ...query, watch: true, allowWatchBookmarks: true }),
      method: 'GET',
      headers: { ...this.#headers, ...headers },
      signal,
      headersTimeout: usualTimeout,
      // The reflector detects a stalled watch: it sets the period of the bookmarks.
      bodyTimeout: 0,
    };
    const response = await this.#checkingCertificate(
      transport.connections(key, tls).watches.request(options),
    );
    if (response.statusCode !== 200) {
      if (response.statusCode === 401) access.forget();
      const status = parseStatus(response.statusCode, await response.body.text(), undefined);
      if (status.code !== 410)
        throw definitionMissing(status, path) ?? unexpectedStatus(status, `watching ${path}`);
      yield { type: 'ERROR', object: { kind: 'Status', ...status } };
      return;
    }
    for await (const line of readLines(response.body)) yield parseBody(line);
  }

  async close(): Promise<void> {
    await this.#deps.transport.close();
  }

  /** Retries a GET once: it is idempotent, and the server may just have closed the kept-alive connection. */
  async #sendRetrying(request: KubeRequest): Promise<KubeAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#sendOnce(request);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (error instanceof PortError) throw error;
        if (request.method !== 'GET' || attempt > 1) throw unreachable(error);
      }
    }
  }

  async #checkingCertificate<T>(response: Promise<T>): Promise<T> {
    try {
      return await response;
    } catch (error) {
      if (isCertificateError(error)) this.#deps.access.forget();
      throw error;
    }
  }

  async #sendOnce(request: KubeRequest): Promise<KubeAnswer> {
    const { access, transport } = this.#deps;
    const { headers, tls, key } = await access.credentials();
    const content = contentOf(request);
    const timeout = request.timeout ?? usualTimeout;
    const options: Dispatcher.RequestOptions = {
      ...address(access.server, request.path, request.query),
      method: request.method,
      headers: { ...this.#headers, ...headers, ...content.headers },
      body: content.body,
      signal: request.signal ?? null,
      headersTimeout: timeout,
      bodyTimeout: timeout,
    };
    const response = await this.#checkingCertificate(transport.connections(key, tls).calls.request(options));
    const text = await response.body.text();
    if (response.statusCode >= 200 && response.statusCode < 300)
      return { ok: true, body: request.plain ? text : parseBody(text) };
    if (response.statusCode === 401) access.forget();
    const retryAfter = response.headers['retry-after'];
    const status = parseStatus(response.statusCode, text, String(retryAfter ?? '') || undefined);
    return {
      ok: false,
      status: request.plain ? { ...status, message: text.slice(0, longestErrorText) } : status,
    };
  }
}

export const createKubeClient = (deps: KubeClientDeps): KubeClient => new HttpKubeClient(deps);

/** The body of a successful answer. Throws a `PortError` for any other. */
export function bodyOrThrow(answer: KubeAnswer, doing: string): unknown {
  if (answer.ok) return answer.body;
  throw unexpectedStatus(answer.status, doing);
}
