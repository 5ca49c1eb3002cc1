import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A NodeAgent object, as far as these tests look into it. */
export interface StoredObject {
  readonly metadata: {
    readonly name: string;
    readonly uid: string;
    readonly resourceVersion: string;
    readonly generation: number;
  };
  readonly spec?: { readonly endBoot?: string; readonly whilePackagesChange?: boolean };
  readonly status?: Readonly<Record<string, unknown>>;
}

export interface SmallApiOptions {
  readonly node?: string;
  /** Accept this token only. */
  readonly token?: () => string;
  /** Runs before a request is answered; what it returns is the answer instead. */
  readonly before?: (
    request: Heard,
    api: SmallApi,
  ) => { readonly status: number; readonly message: string } | undefined;
  /** What is kept of a status that is written: a schema that does not know all of it drops the rest. */
  readonly keep?: (status: Readonly<Record<string, unknown>>) => Readonly<Record<string, unknown>>;
}

export interface Heard {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

interface Watcher {
  readonly answer: ServerResponse;
}

/**
 * Just enough of an API server for one agent: its NodeAgent with status and watch, and whether its Node is
 * cordoned.
 */
export class SmallApi {
  readonly heard: Heard[] = [];
  cordoned = false;
  object: StoredObject | undefined;
  private version = 100;
  private created = 0;
  private port = 0;
  private compacted = 0;
  private readonly history: { readonly version: number; readonly line: string }[] = [];
  private readonly watchers = new Set<Watcher>();
  private readonly listeners = new Set<() => void>();
  private readonly options: SmallApiOptions;
  private readonly server: Server;

  constructor(options: SmallApiOptions = {}) {
    this.options = options;
    this.server = createServer((request, answer) => void this.serve(request, answer));
  }

  get node(): string {
    return this.options.node ?? 'n1';
  }

  async start(): Promise<string> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  /** Refuses connections, as a server that is not there. */
  async down(): Promise<void> {
    this.port = (this.server.address() as AddressInfo).port;
    await this.stop();
  }

  /** Listens again, on the same port. */
  async up(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(this.port, '127.0.0.1', resolve));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((resolve) => this.server.close(resolve));
  }

  /** The requests of a kind: `GET own`, `GET node`, `PATCH status`, `WATCH`. */
  count(kind: 'GET own' | 'GET node' | 'PATCH status' | 'WATCH'): number {
    return this.heard.filter((request) => kindOf(request) === kind).length;
  }

  get watching(): number {
    return this.watchers.size;
  }

  create(spec: StoredObject['spec'] = {}, status?: StoredObject['status']): void {
    this.created += 1;
    const uid = `uid-${this.created}`;
    const metadata = { name: this.node, uid, resourceVersion: this.next(), generation: 1 };
    this.store('ADDED', { metadata, spec, ...(status === undefined ? {} : { status }) });
  }

  /** What the bot does: gives an order, or withdraws it. */
  order(endBoot: string | undefined, more: { readonly whilePackagesChange?: boolean } = {}): void {
    if (this.object === undefined) throw new Error('There is no object to order');
    this.change({ spec: endBoot === undefined ? {} : { endBoot, ...more } });
  }

  /** A status is written by a client without the right to. */
  meddle(status: StoredObject['status'] & object): void {
    this.change({ status });
  }

  remove(): void {
    if (this.object === undefined) return;
    const last = { ...this.object, metadata: { ...this.object.metadata, resourceVersion: this.next() } };
    this.store('DELETED', last);
  }

  /** Watches from earlier versions get 410. */
  compact(): void {
    this.compacted = this.version;
    this.history.length = 0;
  }

  /** Returns the version that it marks. */
  bookmark(): string {
    const resourceVersion = this.next();
    this.send(
      JSON.stringify({ type: 'BOOKMARK', object: { kind: 'NodeAgent', metadata: { resourceVersion } } }),
    );
    return resourceVersion;
  }

  /** Resolves when everything sent to the watches has been handed to the system. */
  async flush(): Promise<void> {
    await Promise.all(
      [...this.watchers].map(
        ({ answer }) => new Promise<void>((resolve) => void answer.write('\n', () => resolve())),
      ),
    );
  }

  /** Ends all watches: in good order, or as a broken connection does. */
  endWatches(how: 'clean' | 'broken' = 'clean'): void {
    for (const { answer } of this.watchers) {
      if (how === 'clean') answer.end();
      else answer.socket?.destroy();
    }
    this.watchers.clear();
  }

  /** Sends a line to the watches as it is. */
  send(line: string): void {
    for (const { answer } of this.watchers) answer.write(`${line}\n`);
  }

  /** Resolves when `condition` holds, which is evaluated after each request and each change. */
  async until(condition: () => boolean, what: string, deadline = 60_000): Promise<void> {
    if (condition()) return;
    await new Promise<void>((resolve, reject) => {
      const look = (): void => {
        if (!condition()) return;
        clearTimeout(timer);
        this.listeners.delete(look);
        resolve();
      };
      const timer = setTimeout(() => {
        this.listeners.delete(look);
        reject(new Error(`Not within ${deadline} ms: ${what}`));
      }, deadline);
      this.listeners.add(look);
    });
  }

  private next(): string {
    this.version += 1;
    return String(this.version);
  }

  private change(part: Partial<StoredObject>): void {
    if (this.object === undefined) return;
    const merged = { ...this.object, ...part };
    // A write that changes nothing is no event, as in the real API server.
    if (JSON.stringify(merged) === JSON.stringify(this.object)) return;
    // Every change of the spec, and with a status subresource nothing else, raises the generation.
    const raise = JSON.stringify(merged.spec) === JSON.stringify(this.object.spec) ? 0 : 1;
    const generation = merged.metadata.generation + raise;
    const metadata = { ...merged.metadata, resourceVersion: this.next(), generation };
    this.store('MODIFIED', { ...merged, metadata });
  }

  private store(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: StoredObject): void {
    this.object = type === 'DELETED' ? undefined : object;
    const line = JSON.stringify({ type, object });
    this.history.push({ version: Number(object.metadata.resourceVersion), line });
    this.send(line);
    this.tell();
  }

  /** Evaluates all pending conditions again. */
  tell(): void {
    for (const listener of this.listeners) listener();
  }

  private async serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const pieces: Buffer[] = [];
    for await (const piece of request as AsyncIterable<Buffer>) pieces.push(piece);
    const url = new URL(request.url ?? '/', 'http://api');
    const heard: Heard = {
      method: request.method ?? '',
      path: url.pathname,
      query: url.searchParams,
      body: Buffer.concat(pieces).toString('utf8'),
    };
    this.heard.push(heard);
    const expected = this.options.token?.();
    const refused =
      expected !== undefined && request.headers.authorization !== `Bearer ${expected}`
        ? { status: 401, message: 'Unauthorized' }
        : this.options.before?.(heard, this);
    if (refused === undefined) this.answer(heard, answer);
    else reply(answer, refused.status, { kind: 'Status', code: refused.status, message: refused.message });
    this.tell();
  }

  private answer(heard: Heard, answer: ServerResponse): void {
    switch (kindOf(heard)) {
      case 'WATCH':
        return this.watch(heard.query.get('resourceVersion'), answer);
      case 'GET node':
        // A field that is false is not there at all: `kubectl uncordon` takes it away (omitempty).
        return reply(answer, 200, {
          metadata: { name: this.node },
          spec: this.cordoned ? { unschedulable: true } : {},
        });
      case 'PATCH status':
        if (this.object !== undefined) {
          const { status } = JSON.parse(heard.body) as { status: unknown };
          const merged = merge(this.object.status, status) as Record<string, unknown>;
          this.change({ status: this.options.keep?.(merged) ?? merged });
        }
        return this.replyObject(answer);
      case 'GET own':
        return this.replyObject(answer);
      default:
        return reply(answer, 403, {
          kind: 'Status',
          code: 403,
          message: `forbidden: ${heard.method} ${heard.path}`,
        });
    }
  }

  private replyObject(answer: ServerResponse): void {
    if (this.object === undefined) reply(answer, 404, { kind: 'Status', code: 404, message: 'not found' });
    else reply(answer, 200, this.object);
  }

  private watch(from: string | null, answer: ServerResponse): void {
    // As kube-apiserver 1.36 with an etcd that reports no progress.
    if (from === null)
      return reply(answer, 500, { kind: 'Status', code: 500, message: 'RequestWatchProgress is disabled' });
    const any = from === '0';
    if (!any && Number(from) < this.compacted) {
      return reply(answer, 410, { kind: 'Status', code: 410, message: 'too old resource version' });
    }
    answer.writeHead(200, { 'content-type': 'application/json' });
    answer.flushHeaders();
    const watcher = { answer };
    this.watchers.add(watcher);
    answer.on('close', () => {
      this.watchers.delete(watcher);
      this.tell();
    });
    if (any) {
      if (this.object !== undefined)
        answer.write(`${JSON.stringify({ type: 'ADDED', object: this.object })}\n`);
      return;
    }
    for (const { version, line } of this.history) if (version > Number(from)) answer.write(`${line}\n`);
  }
}

export function kindOf({ method, path, query }: Heard): string {
  if (method === 'GET' && query.get('watch') === 'true') return 'WATCH';
  if (path.startsWith('/api/v1/nodes/')) return `${method} node`;
  return path.endsWith('/status') ? `${method} status` : `${method} own`;
}

function reply(answer: ServerResponse, status: number, body: unknown): void {
  answer.writeHead(status, { 'content-type': 'application/json' });
  answer.end(JSON.stringify(body));
}

/** JSON merge patch, RFC 7396. */
function merge(target: unknown, patch: unknown): unknown {
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) return patch;
  const base = typeof target === 'object' && target !== null && !Array.isArray(target) ? target : {};
  const result: Record<string, unknown> = { ...base };
  for (const [key, value] of Object.entries(patch)) {
    if (value === null) delete result[key];
    else result[key] = merge(result[key], value);
  }
  return result;
}
