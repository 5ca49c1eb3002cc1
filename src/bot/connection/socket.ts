/**
 * Keeps a Socket Mode connection to Slack open. Slack requests a replacement every few hours. The new
 * connection opens before the old one is closed, since Slack drops interactions while there is none.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { App } from '@slack/bolt';
import { PortError } from '../../reboot/ports/port-error.ts';
import { inWords, minute, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import { createReconnectBackoff, minLifetime } from './reconnect-backoff.ts';
import { type SocketConnections, type ConnectionsOptions, createConnections } from './connections.ts';
import { createConnectionCount } from './connection-count.ts';
import type { Health } from './connection-health.ts';
import { slackFailureOf, refusalCode, retryAfterOf } from './slack-errors.ts';

export interface SocketOptions extends Omit<ConnectionsOptions, 'onActivity' | 'onEnd'> {
  readonly random: () => number;
  /** Number of bots that share the app-level token. */
  readonly replicas: number;
}

export interface Socket {
  /** Connects; payloads go to this app. Resolves at Slack's hello. */
  start(app: App): Promise<void>;
  stop(): Promise<void>;
  health(): Health;
  /** Whether another program may use the Slack app, also before that is certain. */
  isAppShared(): boolean;
  /** Since when there is no connection; undefined while there is one. */
  awaySince(): Instant | undefined;
}

/** Longer than the gap of a normal replacement. */
const maxDisconnected: Millis = 30 * second;
const maxSilence: Millis = minute;
/** Consecutive short-lived connections that are reported as a fault. */
const flappingAfter = 3;

export function createSocket(options: SocketOptions): Socket {
  const { clock } = options;
  const activity: Activity = { lastActivityAt: clock.now(), disconnectedSince: clock.now() };
  const backoff = createReconnectBackoff(options.random);
  const recordActivity = (): void => {
    activity.lastActivityAt = clock.now();
  };
  const connections = createConnections({
    ...options,
    onActivity: recordActivity,
    onEnd: ({ lost, why, lifetime }) => {
      backoff.ended(lifetime);
      if (lost) Object.assign(activity, { disconnectedSince: clock.now(), why });
      options.logger.info('slack connection ends', { lost, reason: why });
      renewal.renew();
    },
  });
  const connectionCount = createConnectionCount({ ...options, renew: () => renewal.renew() });
  let app: App | undefined;
  const open = async (): Promise<void> => {
    if (app === undefined) throw new TypeError('the socket was not started');
    try {
      const { counted, own } = await connections.open(app);
      connectionCount.counted(counted, own);
    } catch (error) {
      activity.why = reasonOf(error);
      throw error;
    }
  };
  const renewal = createRenewal({ ...options, backoff, open });

  return {
    start: async (target) => {
      // Pongs of every WebSocket in this process; only Slack's sockets send pings.
      if (app === undefined) subscribe('undici:websocket:pong', recordActivity);
      app = target;
      await open().catch((error: unknown) => {
        throw startError(error);
      });
    },
    stop: async () => {
      unsubscribe('undici:websocket:pong', recordActivity);
      await renewal.done();
      await connections.closeAll();
    },
    awaySince: () => (connections.openSince === undefined ? activity.disconnectedSince : undefined),
    isAppShared: () => connectionCount.isExceeded(),
    health: () =>
      connectionHealth({ now: clock.now(), activity, connections, failures: backoff.failures }) ??
      connectionCount.health(),
  };
}

interface Renewal {
  /** Opens a new connection, after the backoff's delay. */
  renew(): void;
  /** Resolves when no attempt is running. */
  done(): Promise<void>;
}

interface RenewalOptions extends Pick<SocketOptions, 'sleep' | 'signal' | 'logger'> {
  readonly backoff: ReturnType<typeof createReconnectBackoff>;
  readonly open: () => Promise<void>;
}

function createRenewal({ sleep, signal, logger, backoff, open }: RenewalOptions): Renewal {
  let requested = false;
  let running: Promise<void> | undefined;

  /** Returns whether another attempt is needed. */
  const attempt = async (): Promise<boolean> => {
    try {
      await sleep(backoff.delay(), signal);
      // A loss during `open` requests another attempt.
      requested = false;
      await open();
      logger.info('slack socket connected again', { failures: backoff.failures });
      return requested;
    } catch (error) {
      if (signal.aborted) return false;
      backoff.failed(retryAfterOf(error));
      logger.warn('slack socket cannot connect', { failures: backoff.failures, err: error });
      return true;
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted && (await attempt()));
    running = undefined;
  };

  return {
    renew: () => {
      requested = true;
      running ??= run();
    },
    done: async () => running,
  };
}

interface Activity {
  /** When the last frame or pong arrived. */
  lastActivityAt: Instant;
  /** Since when there is no connection; stale while there is one. */
  disconnectedSince: Instant;
  why?: string;
}

interface Situation {
  readonly now: Instant;
  readonly activity: Activity;
  readonly connections: SocketConnections;
  readonly failures: number;
}

/** Undefined if the connection is healthy. */
function connectionHealth({ now, activity, connections, failures }: Situation): Health | undefined {
  const { openSince } = connections;
  const bad = (why: string): Health => ({ ok: false, why });
  if (openSince === undefined) {
    const disconnected = now - activity.disconnectedSince;
    const because = activity.why ? ` (${activity.why})` : '';
    if (failures < flappingAfter && disconnected < maxDisconnected) return undefined;
    if (disconnected >= maxDisconnected)
      return bad(`Slack has not been connected for ${inWords(disconnected)}${because}`);
  } else {
    const silent = now - activity.lastActivityAt;
    if (silent > maxSilence) return bad(`Slack's socket has been silent for ${inWords(silent)}`);
    if (failures < flappingAfter || now - openSince >= minLifetime) return undefined;
  }
  return bad(
    `Slack's connection does not last: ${failures} times in a row it was lost within a minute or could not be opened`,
  );
}

function startError(error: unknown): PortError {
  if (error instanceof PortError) return error;
  const failure = slackFailureOf(error);
  if (failure.kind === 'refused') {
    const message = `Slack refuses SLACK_APP_TOKEN (${failure.code}): it must be an app-level token (xapp-…) with connections:write`;
    return new PortError('chat-refused', message, { retryable: false, cause: error });
  }
  return new PortError('chat-unreachable', 'Slack cannot be reached to open a socket', {
    retryable: true,
    cause: error,
  });
}

const reasonOf = (error: unknown): string => {
  if (error instanceof PortError) return error.message;
  return refusalCode(error) ?? 'connection failed';
};
