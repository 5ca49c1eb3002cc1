import type { Dispatcher } from 'undici';
import { PortError } from '../../reboot/ports/port-error.ts';
import { second, type Millis } from '../../reboot/ports/time.ts';
import type { Sleep } from './backoff.ts';
import { definitionMissing } from './definition-missing.ts';
import type { KubeAccess } from './kube-access.ts';
import { parseStatus, refusal, type KubeStatus } from './kube-status.ts';
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
  /** The answer is text and no JSON: its body, or, where it is refused, the message in full. */
  readonly plain?: boolean;
  /** 429 is an answer to this request, and not the server's plea to come back later. */
  readonly tooManyIsAnAnswer?: boolean;
}

export type KubeAnswer =
  | { readonly ok: true; readonly body: unknown }
  | { readonly ok: false; readonly status: KubeStatus };

export interface KubeClient {
  /** Every HTTP status is an answer; the lack of one is a `PortError`. */
  send(request: KubeRequest): Promise<KubeAnswer>;
  /** The events of a watch, until the server ends it or `signal` does. */
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
/** Of an answer that is kept as it came. */
const longestText = 10_000;
/**
 * A server that sheds load (priority and fairness) says when to come back. After three times, others may
 * decide.
 */
const pleasHeeded = 3;
const longestPlea = 10 * second;

function unreachable(cause: unknown): PortError {
  const code: unknown = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why = typeof code === 'string' ? code : cause instanceof Error ? cause.name : 'unknown error';
  return new PortError('cluster-unreachable', `The cluster cannot be reached (${why}).`, {
    retryable: true,
    cause,
  });
}

/**
 * OpenSSL's reasons to refuse a certificate, as Node names them (doc/api/tls.md, "X509 certificate error
 * codes").
 */
const distrust =
  /^(CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|INVALID_(CA|PURPOSE)|ERROR_IN_CERT|ERR_TLS_CERT)/;

/**
 * Whether the server's certificate is not one that our authority vouches for: that authority may have been
 * replaced.
 */
function isDistrusted(error: unknown): boolean {
  const code: unknown = error instanceof Error && 'code' in error ? error.code : undefined;
  return typeof code === 'string' && distrust.test(code);
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
    // A proxy's login page, say: an answer, but not the API server's.
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
    for (let plea = 1; ; plea += 1) {
      const answer = await this.#persist(request);
      if (answer.ok || answer.status.code !== 429) return answer;
      if (request.tooManyIsAnAnswer || plea > pleasHeeded) return answer;
      const wait = (answer.status.retryAfterSeconds ?? 1) * second;
      await this.#deps.sleep(Math.min(wait, longestPlea), request.signal);
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
      // Silence is judged by the reflector, which knows how often bookmarks come.
      bodyTimeout: 0,
    };
    const response = await this.#trusting(transport.connections(key, tls).watches.request(options));
    if (response.statusCode !== 200) {
      if (response.statusCode === 401) access.forget();
      const status = parseStatus(response.statusCode, await response.body.text(), undefined);
      if (status.code !== 410) throw definitionMissing(status, path) ?? refusal(status, `watching ${path}`);
      yield { type: 'ERROR', object: { kind: 'Status', ...status } };
      return;
    }
    for await (const line of readLines(response.body)) yield parseBody(line);
  }

  async close(): Promise<void> {
    await this.#deps.transport.close();
  }

  /** Reading twice harms nothing, and the server may have closed a kept connection a moment ago. */
  async #persist(request: KubeRequest): Promise<KubeAnswer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.#once(request);
      } catch (error) {
        request.signal?.throwIfAborted();
        if (error instanceof PortError) throw error;
        if (request.method !== 'GET' || attempt > 1) throw unreachable(error);
      }
    }
  }

  async #trusting<T>(response: Promise<T>): Promise<T> {
    try {
      return await response;
    } catch (error) {
      if (isDistrusted(error)) this.#deps.access.forget();
      throw error;
    }
  }

  async #once(request: KubeRequest): Promise<KubeAnswer> {
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
    const response = await this.#trusting(transport.connections(key, tls).calls.request(options));
    const text = await response.body.text();
    if (response.statusCode >= 200 && response.statusCode < 300)
      return { ok: true, body: request.plain ? text : parseBody(text) };
    if (response.statusCode === 401) access.forget();
    const retryAfter = response.headers['retry-after'];
    const status = parseStatus(response.statusCode, text, String(retryAfter ?? '') || undefined);
    return { ok: false, status: request.plain ? { ...status, message: text.slice(0, longestText) } : status };
  }
}

export const createKubeClient = (deps: KubeClientDeps): KubeClient => new HttpKubeClient(deps);

/** The body of an answer that can only be good: anything else is an error. */
export function bodyOrThrow(answer: KubeAnswer, doing: string): unknown {
  if (answer.ok) return answer.body;
  throw refusal(answer.status, doing);
}
