import { ApiError, describeError } from './api-error.ts';
import { createBackoff } from '../../timing/backoff.ts';
import { createNotifier } from '../../timing/notifier.ts';
import { sleepOf, type Timers } from '../timers.ts';
import type { StateLog } from '../log.ts';
import { parseNodeAgent, record, type NodeAgent, type NodeApi } from './node-agent.ts';
import type { AgentTransport } from './agent-transport.ts';

export interface WatchDeps {
  readonly api: Pick<NodeApi, 'get' | 'watchPath'>;
  readonly transport: Pick<AgentTransport, 'lines'>;
  readonly timers: Timers;
  readonly stateLog: StateLog;
  /** Called with every observed state of the object, in order; undefined while it does not exist. */
  readonly onObject: (object: NodeAgent | undefined) => void;
}

/**
 * The API server sends a bookmark about once a minute (kubernetes.io: API concepts, watch bookmarks), so a
 * watch without an event for this long is dead.
 */
const stall = 150_000;
/** Upper bound of the backoff: it delays the orders of this node. */
const maxBackoff = 15_000;
/** A watch that lasted this long resets the backoff. */
const healthyAfter = 5_000;

/** The resource version to resume the watch from; undefined: read the object first. */
interface Cursor {
  version: string | undefined;
}

/**
 * Watches the agent's own object until the signal aborts. Never rejects: a failure is logged once and
 * retried.
 */
export async function watchOwnAgent(deps: WatchDeps, signal: AbortSignal): Promise<void> {
  const { timers, stateLog } = deps;
  const backoff = createBackoff({ first: 500, most: maxBackoff, factor: 2 }, timers.random);
  const wake = createNotifier(sleepOf(timers));
  const cursor: Cursor = { version: undefined };
  let unreachable = false;
  while (!signal.aborted) {
    const startedAt = timers.now();
    let failed = false;
    let answered = false;
    try {
      await watchOnce(deps, cursor, signal);
    } catch (error) {
      if (signal.aborted) return;
      failed = true;
      // A broken connection can resume at its version. After a refusal by the server (mostly 410) the watch
      // starts over with a read.
      answered = error instanceof ApiError && error.status !== undefined;
      if (answered) cursor.version = undefined;
      if (!isExpired(error))
        stateLog.raise('watch-own', 'warn', 'own object cannot be watched; trying again', {
          why: describeError(error),
        });
    }
    const healthy = timers.now() - startedAt >= healthyAfter;
    // A server that responds again after being unreachable does not inherit the long backoff: it refuses with
    // 403 or 410 only briefly.
    if (healthy || (answered && unreachable)) backoff.reset();
    unreachable = failed && !answered;
    // A watch that the server ended in time is renewed at once. A server that closes the watch early each
    // time is retried with backoff.
    if (failed || !healthy) await wake.wait(backoff.next(), signal);
  }
}

/** One read, if there is no version to resume from, and one watch. */
async function watchOnce(deps: WatchDeps, cursor: Cursor, signal: AbortSignal): Promise<void> {
  if (cursor.version === undefined) {
    const object = await deps.api.get(signal);
    deps.onObject(object);
    // Without a version the watch starts with an event if the object was created in the meantime.
    cursor.version = object?.resourceVersion;
  }
  const onLine = (line: unknown): void => {
    cursor.version = takeEvent(line, deps.onObject);
    deps.stateLog.clear('watch-own', 'own object is watched again');
  };
  // Between 30 and 60 minutes, so that the watches of a fleet are not renewed all at once. The server ends
  // the watch then.
  const seconds = Math.round(1800 * (1 + deps.timers.random()));
  await deps.transport.lines(deps.api.watchPath(cursor.version, seconds), { stall, onLine }, signal);
}

/** Passes on the object of the event; returns the resource version that the watch has reached. */
function takeEvent(event: unknown, onObject: WatchDeps['onObject']): string {
  const { type, object } = record(event);
  switch (type) {
    case 'BOOKMARK':
      return versionOf(object);
    case 'ADDED':
    case 'MODIFIED':
      onObject(parseNodeAgent(object));
      return versionOf(object);
    case 'DELETED':
      onObject(undefined);
      return versionOf(object);
    case 'ERROR': {
      const { code, message } = record(object);
      throw new ApiError(`The watch ended: ${String(message)}`, {
        status: typeof code === 'number' ? code : 500,
      });
    }
    default:
      throw new ApiError(`The watch sent an event of type ${String(type)}`);
  }
}

function versionOf(object: unknown): string {
  const { resourceVersion } = record(record(object)['metadata']);
  if (typeof resourceVersion !== 'string')
    throw new ApiError('The watch sent an event without a resource version');
  return resourceVersion;
}

/** 410 Gone: the version is older than the server's watch cache. This is normal and not logged. */
const isExpired = (error: unknown): boolean => error instanceof ApiError && error.status === 410;
