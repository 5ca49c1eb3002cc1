/** The connections of this process: the current one, and replaced ones that are about to be closed. */
import type { App } from '@slack/bolt';
import { type Clock, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import { type Connection, type ConnectionOptions, createConnection } from './connection.ts';

export interface ConnectionsOptions extends Omit<
  ConnectionOptions,
  'app' | 'onActivity' | 'onRefresh' | 'onLost'
> {
  readonly clock: Clock;
  readonly onActivity: () => void;
  /** The current connection was lost, or Slack requests its replacement; it had lived for `lifetime`. */
  readonly onEnd: (end: { readonly lost: boolean; readonly why: string; readonly lifetime: Millis }) => void;
}

export interface SocketConnections {
  /** Since when the current connection is open; undefined if there is none. */
  readonly openSince: Instant | undefined;
  /**
   * Opens a connection, then retires the one before. Resolves with the number of connections in Slack's
   * hello, and the number of our own.
   */
  open(app: App): Promise<{ readonly counted: number | undefined; readonly own: number }>;
  closeAll(): Promise<void>;
}

/**
 * Slack closes a connection ten seconds after requesting its replacement. It may send on it until then, and a
 * frame sent while we close is lost. So Slack closes first; this is the deadline for a connection that Slack
 * does not close.
 */
const maxOverlap: Millis = 20 * second;

export function createConnections(options: ConnectionsOptions): SocketConnections {
  const { clock, sleep, signal } = options;
  const retired = new Set<Connection>();
  let current: { readonly connection: Connection; readonly since: Instant } | undefined;

  const retire = async (connection: Connection): Promise<void> => {
    retired.add(connection);
    const cancelTimeout = new AbortController();
    const overlapTimeout = sleep(maxOverlap, AbortSignal.any([signal, cancelTimeout.signal]));
    // Rejects when the bot stops, which closes the connection too, and when Slack has closed it earlier.
    await Promise.race([connection.ended, overlapTimeout.catch(() => undefined)]);
    cancelTimeout.abort();
    await connection.close().catch(() => undefined);
    retired.delete(connection);
  };

  const ended = (connection: Connection, lost: boolean, why: string): void => {
    if (signal.aborted || current?.connection !== connection) return;
    const lifetime = clock.now() - current.since;
    if (lost) current = undefined;
    options.onEnd({ lost, why, lifetime });
  };

  return {
    get openSince() {
      return current?.since;
    },
    open: async (app) => {
      const connection: Connection = createConnection({
        ...options,
        app,
        onRefresh: (why) => ended(connection, false, why),
        onLost: () => ended(connection, true, 'the connection was closed'),
      });
      const counted = await connection.open();
      if (current) void retire(current.connection);
      current = { connection, since: clock.now() };
      return { counted, own: 1 + retired.size };
    },
    closeAll: async () => {
      const open = [...retired, ...(current ? [current.connection] : [])];
      await Promise.allSettled(open.map((connection) => connection.close()));
    },
  };
}
