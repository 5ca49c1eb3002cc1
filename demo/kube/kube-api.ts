import { type RequestListener } from 'node:http';
import { type ApiUser } from './access/access.ts';
import { type DirectObjects, directObjects } from './direct.ts';
import { createFaultList, type FaultList, type Faults } from './requests/faults.ts';
import { collectGarbage } from './objects/garbage.ts';
import { createHandler } from './requests/handler.ts';
import { type Json, textAt } from './json.ts';
import { listen } from './watch/listener.ts';
import { parseOnce } from './parse-once.ts';
import { createRequestLog, type RequestRecord } from './requests/request-log.ts';
import { type ResourceRequest } from './requests/request.ts';
import { type ResourceType } from './types/resource-type.ts';
import { createStore, type Store } from './objects/store.ts';
import { createTypeRegistry } from './types/type-registry.ts';
import { createWatches, type WatchSettings } from './watch/watch.ts';
import { type Cluster, createObject, type WriteOptions } from './objects/writes.ts';

export type { ApiUser, PolicyRule } from './access/access.ts';
export type { Fault, FaultAction, Faults } from './requests/faults.ts';
export type { RequestRecord } from './requests/request-log.ts';

export interface KubeApiOptions extends KubeServerOptions {
  /** Absent: a free one. */
  readonly port?: number;
}

export interface KubeServerOptions {
  /** By bearer token. */
  readonly users: ReadonlyMap<string, ApiUser>;
  /**
   * The user of requests without a token, since kubectl sends none over plain HTTP. Absent: such requests get
   * 401.
   */
  readonly anonymous?: ApiUser;
  readonly now?: () => number;
  readonly random?: () => number;
  /** CustomResourceDefinitions as YAML; a text may hold several documents. */
  readonly crds?: readonly string[];
  readonly watch?: Partial<WatchSettings>;
  /** What follows a write and is not part of it. */
  readonly later?: (work: () => void) => void;
}

export interface KubeApi extends KubeServer {
  readonly url: string;
  readonly faults: Faults;
  readonly close: () => Promise<void>;
}

/** The server without its port. */
export interface KubeServer {
  /** Writes and reads in this process, without HTTP. */
  readonly objects: DirectObjects;
  readonly subscribe: Store['subscribe'];
  /** All requests so far, oldest first. */
  requests(): RequestRecord[];
  /** Compacts the history: watches and lists from earlier versions get 410. */
  compact(): void;
  /** Watches stay open but deliver no events: all of them, or those for which `which` is true. */
  stallWatches(which?: (request: ResourceRequest) => boolean): void;
  /** Delivers the events held back. */
  resumeWatches(): void;
  /**
   * The current watches deliver nothing any more, not even their end, as if the server had vanished without
   * closing the connection.
   */
  silenceWatches(): void;
  /** Ends all watches: cleanly, or by a connection reset. */
  dropWatches(how?: 'end' | 'reset'): void;
  watchCount(): number;
}

interface Core {
  readonly server: KubeServer;
  readonly handler: RequestListener;
  readonly faults: FaultList;
  readonly stop: () => void;
}

/** The server without its port, and the handler of its requests. */
export function createKubeServer(options: KubeServerOptions): Core {
  const store = createStore();
  const types = createTypeRegistry(store);
  const cluster: Cluster = { store, now: options.now ?? Date.now, random: options.random ?? Math.random };
  const watches = createWatches(store, {
    bookmarkEvery: 60_000,
    expiredAs: 'event',
    after: realAfter,
    ...options.watch,
  });
  const faults = createFaultList();
  const log = createRequestLog();
  // Before the first object is stored: it tracks owners from the writes.
  const stop = collectGarbage(cluster, types, options.later);
  seed(cluster, types.all(), options.crds ?? []);
  const { users, anonymous } = options;
  const handler = createHandler({ cluster, types, watches, faults, log, users, anonymous });
  const server: KubeServer = {
    objects: directObjects(cluster, types),
    subscribe: (listener) => store.subscribe(listener),
    requests: log.all,
    compact: store.compact,
    stallWatches: watches.stall,
    resumeWatches: watches.resume,
    silenceWatches: watches.silence,
    dropWatches: watches.drop,
    watchCount: watches.count,
  };
  return { server, handler, faults, stop };
}

function realAfter(ms: number, run: () => void): () => void {
  const timer = setTimeout(run, ms);
  return () => clearTimeout(timer);
}

/**
 * A Kubernetes API server on loopback, in memory. It is as strict as the real one wherever a client could see
 * a difference.
 */
export async function startKubeApi(options: KubeApiOptions): Promise<KubeApi> {
  const { server, handler, faults, stop } = createKubeServer(options);
  const listener = await listen(handler, options.port);
  return {
    ...server,
    url: listener.url,
    faults: { add: faults.add, clear: faults.clear, down: listener.down, up: listener.up },
    async close() {
      stop();
      await listener.down();
    },
  };
}

const quiet: WriteOptions = {
  user: 'system:apiserver',
  dryRun: false,
  fieldValidation: 'Strict',
  warn: () => undefined,
};

/** Creates the objects of a new cluster, and the definitions. */
function seed(cluster: Cluster, types: readonly ResourceType[], crds: readonly string[]): void {
  const create = (kind: string, body: Json): void => {
    const type = types.find((candidate) => candidate.kind === kind);
    if (type !== undefined)
      createObject(cluster, { type, namespace: '', name: '', subresource: '' }, body, quiet);
  };
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
    create('Namespace', { metadata: { name } });
  for (const text of crds.flatMap((file) => file.split(/^---\s*$/m)).filter((part) => part.trim() !== '')) {
    const document = parseOnce(text) as Json;
    if (textAt(document, 'kind') === 'CustomResourceDefinition') create('CustomResourceDefinition', document);
  }
}
