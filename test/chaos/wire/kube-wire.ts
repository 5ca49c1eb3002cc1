/** The way of one bot, or one agent, to the API server: latency, and whatever goes wrong on it. */
import type { RequestListener } from 'node:http';
import type { Dispatcher } from 'undici';
import type { Transport } from '../../../src/k8s/api/transport.ts';
import type { Dice } from '../time/randomness.ts';
import type { Process } from '../time/process.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { Fates } from './fates.ts';
import { exchange, type MemoryRequest } from './memory-http.ts';
import { pointOf } from './points.ts';

/** What the API server has been asked, as in an audit log. */
export interface Audit {
  readonly at: number;
  readonly actor: string;
  readonly method: string;
  readonly path: string;
  readonly sentAt: number;
  readonly body: string | null;
}

export interface KubeWireDeps {
  readonly handler: RequestListener;
  readonly time: VirtualTime;
  readonly process: Process;
  readonly dice: Dice;
  readonly token: string;
  /** Called when a request reaches the server: all writes until the next call are its. */
  readonly onRequest: (audit: Audit) => void;
  readonly onAnswer: (audit: Audit, status: number) => void;
  readonly faults?: {
    readonly fates: Fates;
    readonly bot: number;
    readonly crash: () => void;
    readonly freeze: () => void;
  };
}

interface Sent extends MemoryRequest {
  readonly signal?: AbortSignal | undefined;
  readonly timeout: number;
}

class Failed extends Error {
  readonly code: string;

  constructor(code: string) {
    super(code);
    this.code = code;
  }
}

export interface KubeWire {
  readonly transport: Transport;
  send(request: Omit<Sent, 'headers'> & { readonly headers?: MemoryRequest['headers'] }): Promise<Answer>;
}

export interface Answer {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: AsyncIterable<Uint8Array> & { text(): Promise<string> };
}

export function kubeWire(deps: KubeWireDeps): KubeWire {
  const send: KubeWire['send'] = (request) =>
    perform(deps, {
      ...request,
      headers: { authorization: `Bearer ${deps.token}`, accept: 'application/json', ...request.headers },
    });
  const request = (options: Dispatcher.RequestOptions): Promise<Answer> =>
    send({
      method: String(options.method),
      path: options.path,
      headers: options.headers as Record<string, string>,
      body: (options.body ?? null) as string | null,
      signal: (options.signal ?? undefined) as AbortSignal | undefined,
      timeout: options.headersTimeout ?? 15_000,
    });
  const dispatcher = { request } as unknown as Dispatcher;
  return {
    send,
    transport: {
      connections: () => ({ calls: dispatcher, watches: dispatcher }),
      close: async () => undefined,
    },
  };
}

function latencyOf({ dice, faults }: KubeWireDeps): number {
  const slow = faults?.fates.holds('api-slow', faults.bot) === true;
  return dice.between(1, slow ? 4_000 : 20);
}

function perform(deps: KubeWireDeps, sent: Sent): Promise<Answer> {
  const { process, faults, time } = deps;
  return new Promise((resolve, reject) => {
    let isOver = false;
    const settle = (end: () => void): void => {
      if (isOver) return;
      isOver = true;
      cancelTimeout();
      end();
    };
    const cancelTimeout = process.after(sent.timeout, () =>
      settle(() => reject(new Failed('UND_ERR_HEADERS_TIMEOUT'))),
    );
    sent.signal?.addEventListener('abort', () => settle(() => reject(sent.signal?.reason)), { once: true });
    if (sent.signal?.aborted) return settle(() => reject(sent.signal?.reason));
    const fail = (code: string): void =>
      void time.after(latencyOf(deps), () => process.deliver(() => settle(() => reject(new Failed(code)))));
    const point = pointOf(sent.method, sent.path, sent.body);
    const fate =
      point === undefined || faults === undefined ? undefined : faults.fates.meet(faults.bot, point);
    const arrive = (): void => {
      if (faults?.fates.holds('api-away', faults.bot)) return fail('ECONNREFUSED');
      if (fate === 'fail' || (faults?.fates.holds('api-erring', faults.bot) && deps.dice.chance(0.5)))
        return answerWithError(deps, (answer) => settle(() => resolve(answer)));
      time.after(latencyOf(deps), () =>
        serve(deps, sent, { fate, resolve: (a) => settle(() => resolve(a)), fail }),
      );
    };
    if (fate === 'crash-before') return void time.after(0, () => faults?.crash());
    if (fate === 'freeze-before') {
      time.after(0, () => {
        faults?.freeze();
        process.deliver(() => arrive());
      });
      return;
    }
    arrive();
  });
}

function answerWithError(deps: KubeWireDeps, resolve: (answer: Answer) => void): void {
  const { dice, time, process } = deps;
  const statusCode = dice.pick([500, 503, 504, 429]);
  const text = dice.chance(0.3)
    ? '<html>bad gateway</html>'
    : JSON.stringify({ kind: 'Status', status: 'Failure', code: statusCode, message: 'injected' });
  const headers: Record<string, string> = statusCode === 429 ? { 'retry-after': '1' } : {};
  time.after(latencyOf(deps), () =>
    process.deliver(() => resolve({ statusCode, headers, body: whole(text) })),
  );
}

interface Ends {
  readonly fate: string | undefined;
  readonly resolve: (answer: Answer) => void;
  readonly fail: (code: string) => void;
}

/** The request has reached the server, whatever becomes of its sender. */
function serve(deps: KubeWireDeps, sent: Sent, ends: Ends): void {
  const { time, process, faults } = deps;
  const audit: Audit = {
    at: time.now(),
    actor: process.name,
    method: sent.method,
    path: sent.path,
    sentAt: time.now(),
    body: sent.body,
  };
  const isWatch = sent.method === 'GET' && /[?&]watch=true/.test(sent.path);
  if (isWatch && process.state() === 'dead') return;
  const stream = createStream(deps);
  let text = '';
  let status = 0;
  let headers: Readonly<Record<string, string>> = {};
  deps.onRequest(audit);
  const answered = (): void => {
    if (ends.fate === 'crash-after') return void time.after(0, () => faults?.crash());
    if (ends.fate === 'freeze-after') time.after(0, () => faults?.freeze());
    if (ends.fate === 'hang') return;
    if (ends.fate === 'lose-answer' || faults?.fates.holds('api-away', faults.bot))
      return ends.fail('ECONNRESET');
    const answer = { statusCode: status, headers, body: whole(text) };
    time.after(latencyOf(deps), () => process.deliver(() => ends.resolve(answer)));
  };
  const close = exchange(deps.handler, sent, {
    onHead(code, given) {
      status = code;
      headers = given;
      if (!isWatch) return;
      const body = Object.assign(stream.iterate(), { text: async () => '' });
      if (code === 200) stream.deliver(() => ends.resolve({ statusCode: code, headers, body }));
    },
    onText(piece) {
      if (isWatch && status === 200) stream.push(piece);
      else text += piece;
    },
    onEnd() {
      deps.onAnswer(audit, status);
      if (isWatch && status === 200) return stream.end();
      answered();
    },
    onReset: () => (isWatch ? stream.reset() : ends.fail('ECONNRESET')),
  });
  sent.signal?.addEventListener('abort', () => {
    stream.abort(sent.signal?.reason);
    time.after(1, close);
  });
}

const whole = (text: string): Answer['body'] =>
  Object.assign(
    (async function* () {
      yield Buffer.from(text);
    })(),
    { text: async () => text },
  );

interface Stream {
  /** In the order of the calls, each after the lag of the connection. */
  deliver(run: () => void): void;
  push(text: string): void;
  end(): void;
  reset(): void;
  abort(reason: unknown): void;
  iterate(): AsyncGenerator<Uint8Array, void, undefined>;
}

function createStream({ time, process, dice, faults }: KubeWireDeps): Stream {
  const pieces: Uint8Array[] = [];
  let state: 'open' | 'ended' | 'broken' = 'open';
  let reason: unknown = new Failed('ECONNRESET');
  let wake = (): void => undefined;
  let last = 0;
  const deliver = (run: () => void): void => {
    const lags = faults?.fates.holds('watches-lag', faults.bot) === true;
    last = Math.max(last, time.now() + dice.between(1, lags ? 25_000 : 60));
    const arrive = (): void => {
      // Nothing comes through while the connection is cut, and nothing says so.
      if (faults?.fates.holds('api-away', faults.bot)) return void time.after(1_000, arrive);
      process.deliver(run);
    };
    time.after(last - time.now(), arrive);
  };
  const become = (next: typeof state): void => {
    if (state === 'open') state = next;
    wake();
  };
  return {
    deliver,
    push: (text) =>
      deliver(() => {
        pieces.push(Buffer.from(text));
        wake();
      }),
    end: () => deliver(() => become('ended')),
    reset: () => deliver(() => become('broken')),
    abort: (why) => {
      reason = why;
      become('broken');
    },
    async *iterate() {
      for (;;) {
        if (state === 'broken') throw reason;
        const piece = pieces.shift();
        if (piece !== undefined) yield piece;
        else if (state === 'ended') return;
        else
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
      }
    },
  };
}
