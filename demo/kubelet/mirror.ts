import { type JsonObject } from '../kube/json.ts';
import { nameOf, namespaceOf, versionOf } from '../kube/objects/object.ts';
import { type KubeClient, type WatchedEvent } from '../world/kube-client.ts';
import { type Timers } from '../world/timers.ts';

/** A live copy of a list: one list, then a watch, which is re-established after every failure. */
export interface Mirror {
  all(): readonly JsonObject[];
  get(key: string): JsonObject | undefined;
  /** Applies the object of a write's response, so that the next read does not return the state before it. */
  apply(object: JsonObject): void;
  forget(object: JsonObject): void;
  readonly ready: Promise<void>;
}

export interface MirrorOptions {
  readonly client: KubeClient;
  readonly path: string;
  /** Selectors, as a query without a question mark. */
  readonly query?: string;
  readonly timers: Timers;
  readonly signal: AbortSignal;
  readonly onChange: () => void;
}

export const keyOf = (object: JsonObject): string => `${namespaceOf(object)}/${nameOf(object)}`;

const isNewer = (object: JsonObject, than: JsonObject | undefined): boolean =>
  than === undefined || Number(versionOf(object)) > Number(versionOf(than));

const retryAfter = 100;

export function createMirror(options: MirrorOptions): Mirror {
  const { client, path, query = '', timers, signal, onChange } = options;
  const objects = new Map<string, JsonObject>();
  const { promise: ready, resolve: becomeReady } = Promise.withResolvers<void>();
  let version = '';

  const relist = async (): Promise<void> => {
    const listed = await client.list(query === '' ? path : `${path}?${query}`);
    objects.clear();
    for (const object of listed.items) objects.set(keyOf(object), object);
    version = listed.version;
    becomeReady();
    onChange();
  };
  const take = ({ type, object }: WatchedEvent): void => {
    if (type === 'ERROR') {
      version = '';
      return;
    }
    version = versionOf(object);
    if (type === 'BOOKMARK') return;
    if (type === 'DELETED') objects.delete(keyOf(object));
    else if (isNewer(object, objects.get(keyOf(object)))) objects.set(keyOf(object), object);
    onChange();
  };
  const follow = async (): Promise<void> => {
    if (version === '') await relist();
    const selectors = query === '' ? '' : `&${query}`;
    await client.watch(
      `${path}?watch=true&allowWatchBookmarks=true&resourceVersion=${version}${selectors}`,
      take,
      signal,
    );
  };
  void (async () => {
    while (!signal.aborted) {
      // An unavailable server is retried without limit, as machines of a cluster do.
      await follow().catch(() => timers.sleep(retryAfter, signal).catch(() => undefined));
    }
  })();
  return {
    all: () => [...objects.values()],
    get: (key) => objects.get(key),
    apply(object) {
      if (versionOf(object) !== '' && isNewer(object, objects.get(keyOf(object))))
        objects.set(keyOf(object), object);
    },
    forget: (object) => objects.delete(keyOf(object)),
    ready,
  };
}
