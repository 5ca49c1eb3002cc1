import * as http from 'node:http';
import * as https from 'node:https';
import { ApiError } from './api-error.ts';
import type { Timers } from '../timers.ts';
import type { AgentCredentials } from './credentials.ts';
import { splitLines } from '../host/split-lines.ts';

export interface Call {
  readonly method: 'GET' | 'PATCH';
  /** Path and query, below the API server's address. */
  readonly path: string;
  /** Sent as a JSON merge patch (RFC 7396). */
  readonly patch?: unknown;
}

/** A minimal HTTP client for the API server. Rejects with `ApiError`. */
export interface AgentTransport {
  json(call: Call, signal: AbortSignal): Promise<unknown>;
  /**
   * Passes each line of a streamed response to `onLine` as parsed JSON. Resolves when the server ends the
   * stream; rejects when it breaks, or when nothing arrives for `stall` milliseconds.
   */
  lines(
    path: string,
    options: { stall: number; onLine: (line: unknown) => void },
    signal: AbortSignal,
  ): Promise<void>;
}

export interface TransportDeps {
  readonly base: URL;
  readonly credentials: AgentCredentials;
  readonly userAgent: string;
  readonly timers: Timers;
}

const answerTimeout = 15_000;
/** A Node object with its list of images has some 50 kB; etcd accepts 1.5 MB at most. */
const maxBodyBytes = 4 * 1024 * 1024;

export function createAgentTransport(deps: TransportDeps): AgentTransport {
  const open = async (call: Call, exchange: Exchange): Promise<http.IncomingMessage> => {
    const first = await send(deps, call, exchange);
    if (first.statusCode !== 401) return accepted(first);
    // The token may have been rotated since it was read.
    first.resume();
    deps.credentials.expire();
    return accepted(await send(deps, call, exchange));
  };
  return {
    json: async (call, signal) =>
      runExchange(deps.timers, signal, async (exchange) => {
        exchange.setDeadline(answerTimeout);
        return parseJson(await readBody(await open(call, exchange)));
      }),
    lines: async (path, { stall, onLine: take }, signal) =>
      runExchange(deps.timers, signal, async (exchange) => {
        exchange.setDeadline(answerTimeout);
        const answer = await open({ method: 'GET', path }, exchange);
        exchange.setDeadline(stall);
        for await (const text of splitLines(answer, maxBodyBytes, () => exchange.setDeadline(stall)))
          take(parseJson(text));
      }),
  };
}

/** One HTTP exchange. It is aborted by the signal, or when nothing arrives before its deadline. */
interface Exchange {
  setDeadline(ms: number): void;
  attach(request: http.ClientRequest): void;
}

async function runExchange<T>(
  timers: Timers,
  signal: AbortSignal,
  run: (exchange: Exchange) => Promise<T>,
): Promise<T> {
  let request: http.ClientRequest | undefined;
  let abortReason: Error | undefined;
  let cancelTimer = (): void => {};
  const abort = (why: Error): void => {
    abortReason ??= why;
    request?.destroy(why);
  };
  const onAbort = (): void => abort(new ApiError('The request was called off'));
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    if (signal.aborted) onAbort();
    return await run({
      setDeadline(ms) {
        cancelTimer();
        cancelTimer = timers.after(ms, () =>
          abort(new ApiError(`Nothing heard from the API server for ${ms / 1000} s`)),
        );
      },
      attach(next) {
        request = next;
        if (abortReason !== undefined) next.destroy(abortReason);
      },
    });
  } catch (error) {
    throw asApiError(abortReason ?? error);
  } finally {
    cancelTimer();
    signal.removeEventListener('abort', onAbort);
  }
}

const asApiError = (error: unknown): ApiError =>
  error instanceof ApiError ? error : new ApiError('The API server cannot be reached', { cause: error });

async function send(deps: TransportDeps, call: Call, exchange: Exchange): Promise<http.IncomingMessage> {
  const { token, agent } = await deps.credentials.current();
  const body = call.patch === undefined ? undefined : JSON.stringify(call.patch);
  const headers: Record<string, string | number> = {
    accept: 'application/json',
    'user-agent': deps.userAgent,
  };
  if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
  if (body !== undefined) {
    headers['content-type'] = 'application/merge-patch+json';
    headers['content-length'] = Buffer.byteLength(body);
  }
  const url = new URL(deps.base.pathname.replace(/\/$/, '') + call.path, deps.base);
  return new Promise((resolve, reject) => {
    const request = (deps.base.protocol === 'https:' ? https : http).request(
      url,
      { method: call.method, headers, agent },
      resolve,
    );
    exchange.attach(request);
    // TCP keep-alive detects within half a minute a connection that was dropped silently (a firewall, a
    // failed load balancer).
    request.on('socket', (socket) => socket.setKeepAlive(true, 15_000));
    request.on('error', (error) => {
      // The server's certificate may have been replaced together with the CA in the CA file.
      deps.credentials.expire();
      reject(error);
    });
    request.end(body);
  });
}

async function accepted(answer: http.IncomingMessage): Promise<http.IncomingMessage> {
  const status = answer.statusCode ?? 0;
  if (status >= 200 && status < 300) return answer;
  const text = await readBody(answer);
  throw new ApiError(`The API server answered ${status}: ${statusMessage(text)}`, { status });
}

/** The `message` of a metav1.Status, or the body as it is (a proxy in between does not send a Status). */
function statusMessage(text: string): string {
  try {
    const status: unknown = JSON.parse(text);
    if (typeof status === 'object' && status !== null && 'message' in status) return String(status.message);
  } catch {
    // Not JSON: the body is the message.
  }
  return text;
}

async function readBody(answer: http.IncomingMessage): Promise<string> {
  const pieces: Buffer[] = [];
  let length = 0;
  for await (const piece of answer as AsyncIterable<Buffer>) {
    length += piece.length;
    if (length > maxBodyBytes)
      throw new ApiError(`The API server's answer is longer than ${maxBodyBytes} bytes`);
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new ApiError('The API server answered something that is no JSON', { cause });
  }
}
