import type { Clock } from '../../reboot/ports/time.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { second, type Instant, type Millis } from '../../reboot/ports/time.ts';
import { backoff, sleptThrough, type Sleep } from './backoff.ts';
import type { KubeClient, Query } from './client.ts';
import { field, numberAt, textAt } from './json-value.ts';
import { KeptViews, type Tell, type ViewShape } from './kept-views.ts';
import { refusal, statusOf } from './kube-status.ts';
import { listAll } from './pages.ts';
import { isNewer } from './resource-version.ts';

export interface ReflectorOptions<V> extends ViewShape<V> {
  /** For the log. */
  readonly what: string;
  readonly path: string;
  readonly query?: Query;
  /**
   * Told after the view of `key` has changed, come or gone, and not when only other parts of the object have.
   */
  readonly onChange: Tell<V>;
  /** How long one watch is asked to last: the server sends a bookmark shortly before its end. */
  readonly watchFor?: Millis;
  /** Nothing heard for so long, bookmarks included: the connection is dead. */
  readonly stalledAfter?: Millis;
}

export interface ReflectorDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
}

/** A reduced copy of a collection, kept up to date by a watch. */
export interface Reflector<V> {
  /** The first list, for those who must know when it fails. `run` goes on from it. */
  begin(signal: AbortSignal): Promise<void>;
  /** Lists and watches until aborted. Never rejects: every failure is logged and tried again. */
  run(signal: AbortSignal): Promise<void>;
  /** Resolves after the first list. */
  readonly listed: Promise<void>;
  get(key: string): V | undefined;
  values(): Iterable<V>;
  /** When the server was last heard from, bookmarks included. */
  heardAt(): Instant;
  /** Takes what we have just written or read ourselves, unless the watch is past it. */
  offer(object: unknown): void;
}

/**
 * Nothing starts on a stale view: with a longer wait, an API server that is back would find us still waiting
 * for it.
 */
const retryWaits = { first: 0.25 * second, most: 10 * second, factor: 2 };
const usualWatch = 240 * second;
/** The server's own period of bookmarks is a minute. */
const usualStall = 100 * second;

class Stalled extends Error {
  override readonly name = 'Stalled';
}

/**
 * Lists in pages, watches with bookmarks, lists again when the position has expired, and reconnects after
 * everything else. client-node's informer stops for good at a reset connection, and asks for no bookmarks.
 */
class WatchReflector<V> implements Reflector<V> {
  readonly #options: ReflectorOptions<V>;
  readonly #deps: ReflectorDeps;
  readonly #logger: Logger;
  readonly #views: KeptViews<V>;
  readonly #first = Promise.withResolvers<void>();
  #heard: Instant = Number.NEGATIVE_INFINITY;
  /** Up to where the watch has told us everything; empty when it has to begin with a list. */
  #position = '';
  #failures = 0;

  constructor(options: ReflectorOptions<V>, deps: ReflectorDeps) {
    this.#options = options;
    this.#deps = deps;
    this.#logger = deps.logger.child({ watch: options.what });
    this.#views = new KeptViews(options, (key, before) => this.#tell(key, before));
  }

  get listed(): Promise<void> {
    return this.#first.promise;
  }

  get(key: string): V | undefined {
    return this.#views.get(key);
  }

  values(): Iterable<V> {
    return this.#views.values();
  }

  heardAt(): Instant {
    return this.#heard;
  }

  offer(object: unknown): void {
    const item = this.#views.reduce(object);
    // At or behind the watch's position: the watch has told of it already, and may have told of its end
    // since.
    if (!item || this.#position === '' || isNewer(item.version, this.#position) !== true) return;
    this.#views.put(item);
  }

  async begin(signal: AbortSignal): Promise<void> {
    await this.#list(signal);
  }

  async run(signal: AbortSignal): Promise<void> {
    const { sleep, random } = this.#deps;
    while (!signal.aborted) {
      try {
        if (this.#position === '') await this.#list(signal);
        await this.#watch(signal);
      } catch (error) {
        if (signal.aborted) return;
        // Quiet is no failure: where nothing happens, a server whose etcd tells no progress sends no
        // bookmarks (seen on kube-apiserver 1.36 with etcd 3.4). Whether it is there is asked by the list
        // that comes next.
        if (error instanceof Stalled)
          this.#logger.debug('the watch was quiet and is begun anew', { error: error.message });
        else this.#failed(error);
      }
      if (this.#failures > 0) await sleptThrough(sleep, backoff(retryWaits, this.#failures, random), signal);
    }
  }

  #tell(key: string, before: V | undefined): void {
    try {
      this.#options.onChange(key, before);
    } catch (error) {
      // A listener's mistake must not end the watch for everybody.
      this.#logger.error('a listener of the watch failed', { key, error });
    }
  }

  #failed(error: unknown): void {
    this.#failures += 1;
    const fields = { error: error instanceof Error ? error.message : 'unknown', failures: this.#failures };
    // One interruption now and then is the ordinary life of a watch.
    if (this.#failures > 2) this.#logger.warn('the watch is interrupted again and again', fields);
    else this.#logger.debug('the watch was interrupted', fields);
  }

  async #list(signal: AbortSignal): Promise<void> {
    const { path, query } = this.#options;
    const listed = await listAll(this.#deps.client, { path, ...(query ? { query } : {}), signal }, (object) =>
      this.#views.reduce(object),
    );
    this.#heard = this.#deps.clock.now();
    this.#position = listed.version;
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
    const guarded = this.#guard(connection, startedAt);
    try {
      const position = { resourceVersion: this.#position, timeoutSeconds: Math.round(watchFor / second) };
      for await (const event of client.watch(path, { ...query, ...position }, connection.signal))
        this.#take(event);
    } catch (error) {
      const why: unknown = connection.signal.reason;
      if (why instanceof Stalled) this.#doubt(startedAt, 0);
      throw why instanceof Stalled ? why : error;
    } finally {
      signal.removeEventListener('abort', end);
      end();
      await guarded;
    }
    this.#doubt(startedAt, watchFor / 2);
    // A server that ends every watch at once must not be asked without pause (client-node issue 1933).
    this.#failures = clock.now() - startedAt < second ? this.#failures + 1 : 0;
  }

  /**
   * A whole watch without a word, not even the bookmark before its end: our position may lie ahead of a
   * server whose etcd was restored from a backup. Such a server says nothing until it comes there, so begin
   * with a list (seen on kube-apiserver 1.36.3).
   */
  #doubt(startedAt: Instant, longEnough: Millis): void {
    const silent = this.#heard <= startedAt;
    if (silent && this.#deps.clock.now() - startedAt >= longEnough) this.#position = '';
  }

  /** One event of the stream; throws what ends it. */
  #take(event: unknown): void {
    this.#heard = this.#deps.clock.now();
    const object = field(event, 'object');
    const type = textAt(event, 'type');
    if (type === 'ERROR') {
      if (numberAt(object, 'code') === 410) {
        this.#position = '';
        // The server is there, and has told us to list: that must not wait for as long as we waited for the
        // server.
        this.#failures = Math.min(this.#failures, 1);
      }
      throw refusal(statusOf(object, 500), `watching ${this.#options.what}`);
    }
    this.#failures = 0;
    if (type === 'DELETED') this.#views.remove(object);
    else if (type !== 'BOOKMARK') this.#views.take(object);
    this.#position = textAt(object, 'metadata', 'resourceVersion') ?? this.#position;
  }

  /** Ends the connection when nothing was heard for too long: a dead peer sends no end of stream. */
  async #guard(connection: AbortController, startedAt: Instant): Promise<void> {
    const { clock, sleep } = this.#deps;
    const { stalledAfter = usualStall } = this.#options;
    for (;;) {
      const quiet = clock.now() - Math.max(this.#heard, startedAt);
      if (quiet >= stalledAfter) return connection.abort(new Stalled(`nothing was heard for ${quiet} ms`));
      if (!(await sleptThrough(sleep, stalledAfter - quiet, connection.signal))) return;
    }
  }
}

export function createReflector<V>(options: ReflectorOptions<V>, deps: ReflectorDeps): Reflector<V> {
  return new WatchReflector(options, deps);
}
