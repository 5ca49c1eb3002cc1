/**
 * Keeps a Socket Mode connection to Slack open. Slack requests a replacement every few hours. The new
 * connection opens before the old one is closed, since Slack drops interactions while there is none.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { App } from '@slack/bolt';
import { PortError } from '../../reboot/ports/port-error.ts';
import { inWords, minute, second, type Instant, type Millis } from '../../reboot/ports/time.ts';
import { createReconnectBackoff, shortestLife } from './reconnect-backoff.ts';
import { type Connections, type ConnectionsOptions, createConnections } from './connections.ts';
import { createConnectionCount } from './connection-count.ts';
import type { Health } from './connection-health.ts';
import { failureOf, refusalCode, retryAfterOf } from './slack-errors.ts';

export interface SocketOptions extends Omit<ConnectionsOptions, 'onHeard' | 'onEnd'> {
  readonly random: () => number;
  /** Number of bots that share the app-level token. */
  readonly replicas: number;
}

export interface Socket {
  /** Connects; payloads go to this app. Resolves at Slack's hello. */
  start(app: App): Promise<void>;
  stop(): Promise<void>;
  health(): Health;
  /** Since when there is no connection; undefined while there is one. */
  awaySince(): Instant | undefined;
}

/** Longer than the gap of a normal replacement. */
const mostAbsence: Millis = 30 * second;
const mostSilence: Millis = minute;
/** Consecutive short-lived connections that are reported as a fault. */
const flapping = 3;

export function createSocket(options: SocketOptions): Socket {
  const { clock } = options;
  const seen: Seen = { heardAt: clock.now(), absentSince: clock.now() };
  const brake = createReconnectBackoff(options.random);
  const heard = (): void => {
    seen.heardAt = clock.now();
  };
  const connections = createConnections({
    ...options,
    onHeard: heard,
    onEnd: ({ lost, why, lifetime }) => {
      brake.ended(lifetime);
      if (lost) Object.assign(seen, { absentSince: clock.now(), why });
      options.logger.info('slack connection ends', { lost, reason: why });
      renewal.renew();
    },
  });
  const headcount = createConnectionCount({ ...options, renew: () => renewal.renew() });
  let app: App | undefined;
  const open = async (): Promise<void> => {
    if (app === undefined) throw new TypeError('the socket was not started');
    try {
      const { counted, own } = await connections.open(app);
      headcount.counted(counted, own);
    } catch (error) {
      seen.why = whyNot(error);
      throw error;
    }
  };
  const renewal = createRenewal({ ...options, brake, open });

  return {
    start: async (target) => {
      // Pongs of every WebSocket in this process; only Slack's sockets send pings.
      if (app === undefined) subscribe('undici:websocket:pong', heard);
      app = target;
      await open().catch((error: unknown) => {
        throw startError(error);
      });
    },
    stop: async () => {
      unsubscribe('undici:websocket:pong', heard);
      await renewal.done();
      await connections.closeAll();
    },
    awaySince: () => (connections.openSince === undefined ? seen.absentSince : undefined),
    health: () =>
      connectionHealth({ now: clock.now(), seen, connections, failures: brake.failures }) ??
      headcount.health(),
  };
}

interface Renewal {
  /** Opens a new connection, after the backoff's delay. */
  renew(): void;
  /** Resolves when no attempt is running. */
  done(): Promise<void>;
}

interface RenewalOptions extends Pick<SocketOptions, 'sleep' | 'signal' | 'logger'> {
  readonly brake: ReturnType<typeof createReconnectBackoff>;
  readonly open: () => Promise<void>;
}

function createRenewal({ sleep, signal, logger, brake, open }: RenewalOptions): Renewal {
  let wanted = false;
  let underWay: Promise<void> | undefined;

  /** Returns whether another attempt is needed. */
  const attempt = async (): Promise<boolean> => {
    try {
      await sleep(brake.pause(), signal);
      // A loss during `open` requests another attempt.
      wanted = false;
      await open();
      logger.info('slack socket connected again', { failures: brake.failures });
      return wanted;
    } catch (error) {
      if (signal.aborted) return false;
      brake.failed(retryAfterOf(error));
      logger.warn('slack socket cannot connect', { failures: brake.failures, err: error });
      return true;
    }
  };
  const run = async (): Promise<void> => {
    while (!signal.aborted && (await attempt()));
    underWay = undefined;
  };

  return {
    renew: () => {
      wanted = true;
      underWay ??= run();
    },
    done: async () => underWay,
  };
}

interface Seen {
  /** When the last frame or pong arrived. */
  heardAt: Instant;
  /** Since when there is no connection; stale while there is one. */
  absentSince: Instant;
  why?: string;
}

interface Situation {
  readonly now: Instant;
  readonly seen: Seen;
  readonly connections: Connections;
  readonly failures: number;
}

/** Undefined if the connection is healthy. */
function connectionHealth({ now, seen, connections, failures }: Situation): Health | undefined {
  const { openSince } = connections;
  const bad = (why: string): Health => ({ ok: false, why });
  if (openSince === undefined) {
    const absent = now - seen.absentSince;
    const because = seen.why ? ` (${seen.why})` : '';
    if (failures < flapping && absent < mostAbsence) return undefined;
    if (absent >= mostAbsence) return bad(`Slack has not been connected for ${inWords(absent)}${because}`);
  } else {
    const silent = now - seen.heardAt;
    if (silent > mostSilence) return bad(`Slack's socket has been silent for ${inWords(silent)}`);
    if (failures < flapping || now - openSince >= shortestLife) return undefined;
  }
  return bad(
    `Slack's connection does not last: ${failures} times in a row it was lost within a minute or could not be opened`,
  );
}

function startError(error: unknown): PortError {
  if (error instanceof PortError) return error;
  const failure = failureOf(error);
  if (failure.kind === 'refused') {
    const message = `Slack refuses SLACK_APP_TOKEN (${failure.code}): it must be an app-level token (xapp-…) with connections:write`;
    return new PortError('chat-refused', message, { retryable: false, cause: error });
  }
  return new PortError('chat-unreachable', 'Slack cannot be reached to open a socket', {
    retryable: true,
    cause: error,
  });
}

const whyNot = (error: unknown): string => {
  if (error instanceof PortError) return error.message;
  return refusalCode(error) ?? 'connection failed';
};
