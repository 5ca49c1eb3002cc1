import { ApiError, describeError } from './api-error.ts';
import { createBackoff, createWake, type Timers } from '../timers.ts';
import type { Notices } from '../log.ts';
import { parseNodeAgent, record, type NodeAgent, type NodeApi } from './node-agent.ts';
import type { Transport } from './agent-transport.ts';

export interface FollowDeps {
  readonly api: Pick<NodeApi, 'get' | 'watchPath'>;
  readonly transport: Pick<Transport, 'lines'>;
  readonly timers: Timers;
  readonly notices: Notices;
  /** Every state of the object that is heard of, in order; undefined while it does not exist. */
  readonly onObject: (object: NodeAgent | undefined) => void;
}

/**
 * The API server sends a bookmark about once a minute (kubernetes.io: API concepts, watch bookmarks), so a
 * watch that is silent for this long is dead.
 */
const stall = 150_000;
/** An order waits for us meanwhile. */
const longestWait = 15_000;
/** A watch that lived this long was a good one. */
const goodLife = 5_000;

/** How far the watch has come: the version to go on from, or none to begin with a read. */
interface Cursor {
  version: string | undefined;
}

/**
 * Follows the agent's own object by one long watch until the signal aborts. Never throws: trouble is told
 * once and outlived.
 */
export async function followOwn(deps: FollowDeps, signal: AbortSignal): Promise<void> {
  const { timers, notices } = deps;
  const backoff = createBackoff({ first: 500, longest: longestWait, random: timers.random });
  const wake = createWake(timers);
  const cursor: Cursor = { version: undefined };
  let away = false;
  while (!signal.aborted) {
    const startedAt = timers.now();
    let failed = false;
    let answered = false;
    try {
      await followOnce(deps, cursor, signal);
    } catch (error) {
      if (signal.aborted) return;
      failed = true;
      // A broken connection can be gone on from; what the server itself refuses (410 above all) is begun
      // anew.
      answered = error instanceof ApiError && error.status !== undefined;
      if (answered) cursor.version = undefined;
      if (!isExpired(error))
        notices.say('watch-own', 'warn', 'own object cannot be watched; trying again', {
          why: describeError(error),
        });
    }
    const lived = timers.now() - startedAt >= goodLife;
    // A server that answers again after it had been away is not waited for as long as when it was away: it
    // says 403 and 410 for a moment only.
    if (lived || (answered && away)) backoff.reset();
    away = failed && !answered;
    // A long watch that the server ended is renewed at once. One that hangs up over and over is not hammered.
    if (failed || !lived) await wake.sleep(backoff.next(), signal);
  }
}

/** One read, if needed, and one watch. */
async function followOnce(deps: FollowDeps, cursor: Cursor, signal: AbortSignal): Promise<void> {
  if (cursor.version === undefined) {
    const object = await deps.api.get(signal);
    deps.onObject(object);
    // Without a version the watch first tells whether the object has come into being since.
    cursor.version = object?.resourceVersion;
  }
  const onLine = (line: unknown): void => {
    cursor.version = takeEvent(line, deps.onObject);
    deps.notices.settle('watch-own', 'own object is watched again');
  };
  // Spread over half an hour to an hour, so that a fleet does not come back in step; the server ends it then.
  const seconds = Math.round(1800 * (1 + deps.timers.random()));
  await deps.transport.lines(deps.api.watchPath(cursor.version, seconds), { stall, onLine }, signal);
}

/** Hands on what the event says; returns the version that the watch has reached. */
function takeEvent(event: unknown, onObject: FollowDeps['onObject']): string {
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

/** 410 Gone: the version is older than what the server remembers. Ordinary, and no trouble worth a line. */
const isExpired = (error: unknown): boolean => error instanceof ApiError && error.status === 410;
