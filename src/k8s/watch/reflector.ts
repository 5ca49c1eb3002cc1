import { type Clock, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { Meter } from '../../reboot/ports/meter.ts';
import { backoff } from '../../timing/backoff.ts';
import { sleptThrough, type Sleep } from '../../timing/sleep.ts';
import type { KubeClient, Query } from '../api/client.ts';
import { field, numberAt, textAt } from '../api/json-value.ts';
import { ViewCache, type ViewListener, type ViewShape, type ViewSource } from './view-cache.ts';
import { unexpectedStatus, statusOf } from '../api/kube-status.ts';
import { listAll } from '../api/pages.ts';
import type { Path } from '../api/received.ts';
import { isNewer } from './resource-version.ts';

export interface ReflectorOptions<V, O = unknown> extends ViewShape<V, O> {
  /** Name of the collection in log lines. */
  readonly what: string;
  readonly path: Path<O>;
  readonly query?: Query;
  /**
   * Called after the view of `key` was added, changed or removed; not for changes in other parts of the
   * object.
   */
  readonly onChange: ViewListener<V>;
  /**
   * Requested duration of one watch (`timeoutSeconds`). The server sends a bookmark shortly before its end.
   */
  readonly watchFor?: Millis;
  /** The connection counts as dead after this time without an event or a bookmark. */
  readonly stalledAfter?: Millis;
}

export interface ReflectorDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
  /** Absent: nothing is counted. */
  readonly meter?: Pick<Meter, 'watchFailed' | 'evicted'>;
}

/** A reduced copy of a collection, kept up to date by a watch: an informer. */
export interface Reflector<V> {
  /** The first list, for callers that have to handle its failure. `run` continues from it. */
  begin(signal: AbortSignal): Promise<void>;
  /** Lists and watches until aborted. Never rejects: every failure is logged and retried. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves after the first list. */
  readonly listed: Promise<void>;
  get(key: string): V | undefined;
  /** The resource version that the view of `key` was taken from. */
  versionOf(key: string): string | undefined;
  values(): Iterable<V>;
  /** How often a view was added, changed or removed. What was made from `values` holds until then. */
  changes(): number;
  /** Time of the last list, event or bookmark. */
  heardAt(): Instant;
  /** Stores an object from our own write or read, unless the watch has already passed its version. */
  offer(object: unknown): void;
}

/** No node starts on a stale view: with longer delays, recovery would lag behind the API server's. */
const retryDelays = { first: 0.25 * second, most: 10 * second, factor: 2 };
const usualWatch = 240 * second;
/** The server sends a bookmark about once a minute. */
const usualStall = 100 * second;

class Stalled extends Error {
  override readonly name = 'Stalled';
}

/**
 * Lists in pages, watches with bookmarks, lists again when the resource version has expired (410), and
 * reconnects after every other error. client-node's informer stops for good at a reset connection, and
 * requests no bookmarks.
 */
class WatchReflector<V> implements Reflector<V> {
  readonly #options: ReflectorOptions<V>;
  readonly #deps: ReflectorDeps;
  readonly #logger: Logger;
  readonly #views: ViewCache<V>;
  readonly #first = Promise.withResolvers<void>();
  #lastEventAt: Instant = Number.NEGATIVE_INFINITY;
  /** Resource version up to which all events were received; empty when a list is needed. */
  #version = '';
  #failures = 0;

  constructor(options: ReflectorOptions<V>, deps: ReflectorDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#logger = deps.logger.child({ watch: options.what });
    this.#views = new ViewCache(options, (key, before, source) => this.#notify(key, before, source));
  }

  get listed(): Promise<void> {
    return this.#first.promise;
  }

  get(key: string): V | undefined {
    return this.#views.get(key);
  }

  versionOf(key: string): string | undefined {
    return this.#views.versionOf(key);
  }

  values(): Iterable<V> {
    return this.#views.values();
  }

  changes(): number {
    return this.#views.changes;
  }

  heardAt(): Instant {
    return this.#lastEventAt;
  }

  offer(object: unknown): void {
    const item = this.#views.reduce(object);
    // Not newer than the watch's position: the watch has delivered this version already, and perhaps the
    // deletion after it.
    if (!item || this.#version === '' || isNewer(item.version, this.#version) !== true) return;
    this.#views.put(item, 'own');
  }

  async begin(signal: AbortSignal): Promise<void> {
    await this.#list(signal);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { sleep, random } = this.#deps;
    while (!signal.aborted) {
      try {
        if (this.#version === '') await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        // A quiet watch is no failure: without traffic, a server whose etcd reports no progress sends no
        // bookmarks (seen on kube-apiserver 1.36 with etcd 3.4). The list that follows shows whether the
        // server is reachable.
        if (error instanceof Stalled)
          this.#logger.debug('the watch was quiet and is begun anew', { err: error });
        else this.#countFailure(error);
      }
      if (this.#failures > 0) await sleptThrough(sleep, backoff(retryDelays, this.#failures, random), signal);
    }
  }

  #notify(key: string, before: V | undefined, source: ViewSource): void {
    try {
      this.#options.onChange(key, before, source);
    } catch (error) {
      // An error in a listener must not end the watch.
      this.#logger.error('a listener of the watch failed', { key, err: error });
    }
  }

  #countFailure(error: unknown): void {
    this.#failures += 1;
    this.#deps.meter?.watchFailed(this.#options.what);
    const fields = { err: error, failures: this.#failures };
    // A single interruption is normal for a watch.
    if (this.#failures > 2) this.#logger.warn('the watch is interrupted again and again', fields);
    else this.#logger.debug('the watch was interrupted', fields);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { path, query } = this.#options;
    const listed = await listAll(this.#deps.client, { path, ...(query ? { query } : {}), signal }, (object) =>
      this.#views.reduce(object),
    );
    this.#lastEventAt = this.#deps.clock.now();
    this.#version = listed.version;
    this.#views.replace(listed.items, listed.version);
    this.#first.resolve();
  }

  async #watch(signal: AbortSignal): Promise<void> {
    const { client, clock } = this.#deps;
    const { path, query, watchFor = usualWatch } = this.#options;
    const connection = new AbortController();
    const end = (): void => connection.abort();
    signal.addEventListener('abort', end, { once: true });
    const startedAt = clock.now();
    const watchdog = this.#abortWhenStalled(connection, startedAt);
    try {
      const position = { resourceVersion: this.#version, timeoutSeconds: Math.round(watchFor / second) };
      for await (const event of client.watch(path, { ...query, ...position }, connection.signal))
        this.#apply(event);
    } catch (error) {
      const reason: unknown = connection.signal.reason;
      if (reason instanceof Stalled) this.#relistIfSilent(startedAt, 0);
      throw reason instanceof Stalled ? reason : error;
    } finally {
      signal.removeEventListener('abort', end);
      end();
      await watchdog;
    }
    this.#relistIfSilent(startedAt, watchFor / 2);
    // A server that ends every watch at once needs a backoff as well (client-node issue 1933).
    this.#failures = clock.now() - startedAt < second ? this.#failures + 1 : 0;
  }

  /**
   * No event in a whole watch, not even the bookmark before its end: our resource version may be ahead of a
   * server whose etcd was restored from a backup. Such a server sends nothing until it reaches that version,
   * so start with a list (seen on kube-apiserver 1.36.3).
   */
  #relistIfSilent(startedAt: Instant, minDuration: Millis): void {
    const silent = this.#lastEventAt <= startedAt;
    if (silent && this.#deps.clock.now() - startedAt >= minDuration) this.#version = '';
  }

  /** Applies one event of the stream. Throws on the event that ends it. */
  #apply(event: unknown): void {
    this.#lastEventAt = this.#deps.clock.now();
    const object = field(event, 'object');
    const type = textAt(event, 'type');
    if (type === 'ERROR') {
      if (numberAt(object, 'code') === 410) {
        this.#version = '';
        // The server is reachable and requires a list: do not keep the backoff of an outage before it.
        this.#failures = Math.min(this.#failures, 1);
      }
      throw unexpectedStatus(statusOf(object, 500), `watching ${this.#options.what}`);
    }
    this.#failures = 0;
    if (type === 'DELETED') this.#views.remove(object);
    else if (type !== 'BOOKMARK') this.#views.apply(object);
    this.#version = textAt(object, 'metadata', 'resourceVersion') ?? this.#version;
  }

  /** Aborts the connection when no event came for too long: a dead peer sends no end of stream. */
  async #abortWhenStalled(connection: AbortController, startedAt: Instant): Promise<void> {
    const { clock, sleep } = this.#deps;
    const { stalledAfter = usualStall } = this.#options;
    for (;;) {
      const quiet = clock.now() - Math.max(this.#lastEventAt, startedAt);
      if (quiet >= stalledAfter) return connection.abort(new Stalled(`nothing was heard for ${quiet} ms`));
      if (!(await sleptThrough(sleep, stalledAfter - quiet, connection.signal))) return;
    }
  }
}

export function createReflector<V, O = unknown>(
  options: ReflectorOptions<V, O>,
  deps: ReflectorDeps,
): Reflector<V> {
  // The path says which type the objects have; from here on they are passed through.
  return new WatchReflector(options as ReflectorOptions<V>, deps);
}
