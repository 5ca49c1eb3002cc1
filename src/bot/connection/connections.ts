/**
 * The connections of this process: the one in use, and those that were replaced and are about to be closed.
 */
import type { App } from '@slack/bolt';
import type { Clock } from '../../reboot/ports/time.ts';
import { second, type Instant, type Millis } from '../../reboot/ports/time.ts';
import { type Connection, type ConnectionOptions, createConnection } from './connection.ts';

export interface ConnectionsOptions extends Omit<
  ConnectionOptions,
  'app' | 'onHeard' | 'onRefresh' | 'onLost'
> {
  readonly clock: Clock;
  readonly onHeard: () => void;
  /** The connection in use was lost, or Slack wants it replaced; it had lived for `lifetime`. */
  readonly onEnd: (end: { readonly lost: boolean; readonly why: string; readonly lifetime: Millis }) => void;
}

export interface Connections {
  /** Since when the connection in use is open; undefined while there is none. */
  readonly openSince: Instant | undefined;
  /**
   * Opens one and only then closes the one before. Resolves with what Slack's hello counts, and how many are
   * ours.
   */
  open(app: App): Promise<{ readonly counted: number | undefined; readonly own: number }>;
  closeAll(): Promise<void>;
}

/**
 * Slack closes a connection ten seconds after it has asked for another. Until then it may still use it, and
 * what it sends while we close is lost: so Slack goes first, and this is the end of a connection that Slack
 * forgets.
 */
const longestOverlap: Millis = 20 * second;

export function createConnections(options: ConnectionsOptions): Connections {
  const { clock, sleep, signal } = options;
  const retired = new Set<Connection>();
  let current: { readonly connection: Connection; readonly since: Instant } | undefined;

  const retire = async (connection: Connection): Promise<void> => {
    retired.add(connection);
    const enough = new AbortController();
    const patience = sleep(longestOverlap, AbortSignal.any([signal, enough.signal]));
    // Rejects at the end of the bot, which closes it as well, and when Slack was sooner.
    await Promise.race([connection.ended, patience.catch(() => undefined)]);
    enough.abort();
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
