import { type ServerResponse } from 'node:http';
import { typesOf } from '../types/custom-types.ts';
import { type Change } from './history.ts';
import { type JsonObject } from '../json.ts';
import { present } from '../lists/representation.ts';
import { type ResourceRequest } from '../requests/request.ts';
import { selectionOf } from '../lists/selection.ts';
import { badRequest, StatusError } from '../status-error.ts';
import { type Store } from '../objects/store.ts';
import { definitions } from '../types/type-registry.ts';
import { bookmark, eventFor, type WatchEvent } from './watch-events.ts';

export interface WatchSettings {
  /** Interval of bookmarks for watches that allow them. The real server's is a minute. */
  readonly bookmarkEvery: number;
  /**
   * If an expired version is reported by the HTTP status or, as by the real server's cache, by an ERROR
   * event.
   */
  readonly expiredAs: 'status' | 'event';
  /** Runs once after `ms`; returns a function that cancels it. */
  readonly after: (ms: number, run: () => void) => () => void;
}

/** All open watches of the server, and the faults that tests can inject. */
export interface Watches {
  /** `shape` converts each object to the form that the client requested. */
  readonly open: (
    request: ResourceRequest,
    response: ServerResponse,
    shape: (object: JsonObject) => JsonObject,
  ) => void;
  /** Ends all watches: cleanly, or by a connection reset. */
  readonly drop: (how?: 'end' | 'reset') => void;
  /** Stalls all watches, current and new, or those for which `which` is true. */
  readonly stall: (which?: (request: ResourceRequest) => boolean) => void;
  readonly resume: () => void;
  /** Silences the current watches, for good. */
  readonly silence: () => void;
  readonly count: () => number;
}

interface Watcher {
  readonly storedAs: string;
  readonly response: ServerResponse;
  readonly change: (change: Change) => void;
  /** Writes the events held back while watches were stalled. */
  readonly flush: () => void;
  readonly silence: () => void;
}

/** Without a timeout in the request, the real server takes a random one; this is its minimum. */
const defaultTimeoutSeconds = 1800;

export function createWatches(store: Store, settings: WatchSettings): Watches {
  const watchers = new Set<Watcher>();
  let isStalled = (_request: ResourceRequest): boolean => false;
  store.subscribe((change) => {
    for (const watcher of watchers) watcher.change(change);
    if (change.resource !== definitions || change.type !== 'DELETED') return;
    const gone = new Set(typesOf(change.object).map(({ storedAs }) => storedAs));
    for (const { response, storedAs } of watchers) if (gone.has(storedAs)) response.end();
  });
  return {
    open(request, response, shape) {
      const start = startOf(store, request);
      if (start instanceof StatusError) return refuse(start, response, settings);
      const watcher = createWatcher({
        store,
        request,
        response,
        start,
        settings,
        shape,
        isStalled: () => isStalled(request),
      });
      watchers.add(watcher);
      response.on('close', () => watchers.delete(watcher));
    },
    drop(how = 'end') {
      for (const { response } of watchers)
        if (how === 'end') response.end();
        else response.destroy();
      watchers.clear();
    },
    stall(which = () => true) {
      isStalled = which;
    },
    resume() {
      isStalled = () => false;
      for (const watcher of watchers) watcher.flush();
    },
    silence() {
      for (const watcher of watchers) watcher.silence();
    },
    count: () => watchers.size,
  };
}

/** The initial state and the changes that a watch delivers first. */
interface Start {
  readonly initial: readonly JsonObject[];
  readonly missed: readonly Change[];
  readonly endsInitial: boolean;
}

function startOf(store: Store, { query, type, namespace }: ResourceRequest): Start | StatusError {
  const asked = query.get('resourceVersion') ?? '';
  if (asked !== '' && !/^\d+$/.test(asked)) return badRequest(`resourceVersion: Invalid value: "${asked}"`);
  const sendsInitial = query.get('sendInitialEvents') === 'true';
  if (asked === '' || asked === '0' || sendsInitial) {
    return { initial: store.list(type.storedAs, { namespace }), missed: [], endsInitial: sendsInitial };
  }
  try {
    return { initial: [], missed: store.since(Number(asked)), endsInitial: false };
  } catch (error) {
    if (error instanceof StatusError) return error;
    throw error;
  }
}

/** An expired version may be reported in the stream, after a 200: clients must handle both forms. */
function refuse(error: StatusError, response: ServerResponse, settings: WatchSettings): void {
  if (error.code !== 410 || settings.expiredAs === 'status') throw error;
  begin(response);
  response.end(line({ type: 'ERROR', object: error.status }));
}

interface Opening {
  readonly store: Store;
  readonly request: ResourceRequest;
  readonly response: ServerResponse;
  readonly start: Start;
  readonly settings: WatchSettings;
  readonly shape: (object: JsonObject) => JsonObject;
  readonly isStalled: () => boolean;
}

function createWatcher({ store, request, response, start, settings, shape, isStalled }: Opening): Watcher {
  const { type, query } = request;
  const selected = selectionOf(request);
  const bookmarks = query.get('allowWatchBookmarks') === 'true';
  let silent = false;
  let held: string[] = [];
  const send = (event: WatchEvent | undefined): void => {
    if (event === undefined || response.writableEnded || silent) return;
    const text = line({ type: event.type, object: shape(event.object) });
    if (isStalled()) held.push(text);
    else response.write(text);
  };
  // A version from before a restore may be ahead of the store. Until it is reached, no events and no
  // bookmarks are sent.
  const from = start.initial.length > 0 || start.endsInitial ? 0 : Number(query.get('resourceVersion') ?? 0);
  const change = (one: Change): void => {
    if (one.resource === type.storedAs && one.revision > from) send(eventFor(type, one, selected));
  };
  const mark = (): void => {
    if (bookmarks && store.revision() >= from) send(bookmark(type, store.revision()));
  };
  begin(response);
  for (const object of start.initial.filter(selected)) send({ type: 'ADDED', object: present(type, object) });
  if (start.endsInitial && bookmarks) send(bookmark(type, store.revision(), true));
  for (const one of start.missed) change(one);
  const tick = (): void => {
    mark();
    cancelTick = settings.after(settings.bookmarkEvery, tick);
  };
  let cancelTick = bookmarks ? settings.after(settings.bookmarkEvery, tick) : undefined;
  const lasts = (Number(query.get('timeoutSeconds') ?? 0) || defaultTimeoutSeconds) * 1000;
  const cancelTimeout = settings.after(lasts, () => {
    mark();
    // A vanished server does not close the connection.
    if (!silent) response.end();
  });
  response.on('close', () => {
    cancelTick?.();
    cancelTimeout();
  });
  const flush = (): void => {
    for (const text of held) response.write(text);
    held = [];
  };
  const silence = (): void => {
    silent = true;
  };
  return { storedAs: type.storedAs, response, change, flush, silence };
}

function begin(response: ServerResponse): void {
  response.writeHead(200, { 'content-type': 'application/json', 'transfer-encoding': 'chunked' });
  // Clients take the response headers as the sign that the watch is established.
  response.flushHeaders();
}

const line = (event: WatchEvent): string => `${JSON.stringify(event)}\n`;
