/**
 * One WebSocket of Socket Mode, from asking for its address to its end. The SDK closes the socket as soon as
 * Slack asks for a new connection, which loses clicks; here its owner decides when, so that the next
 * connection can be open before.
 */
import { type App, SocketModeReceiver } from '@slack/bolt';
import { z } from 'zod';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { second, type Millis } from '../../reboot/ports/time.ts';
import type { Sleep } from './send-queue.ts';
import { createSdkLogger } from './sdk-logger.ts';

export interface ConnectionOptions {
  readonly app: App;
  readonly appToken: string;
  readonly apiUrl?: string;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** From asking for the address to Slack's hello. */
  readonly deadline: Millis;
  /** Something arrived on it. */
  readonly onHeard: () => void;
  /** Slack asks for a new connection in its place and closes this one soon. */
  readonly onRefresh: (reason: string) => void;
  /** It is gone, and nobody here closed it. */
  readonly onLost: () => void;
}

export interface Connection {
  /**
   * Resolves at Slack's hello with the number of connections that Slack counts for the app-level token, if it
   * says so.
   */
  open(): Promise<number | undefined>;
  /** Resolves when it is over, however it ended. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Also the deadline for an answer to our pings, of which three are sent in this time. */
const pingTimeout: Millis = 3 * second;
/**
 * How long Slack may take to answer the close frame. It leaves TCP open after that, so waiting longer brings
 * nothing.
 */
const closeHandshake: Millis = 300;

const frame = z.object({
  type: z.string(),
  num_connections: z.number().optional(),
  reason: z.string().optional(),
});

export function createConnection(options: ConnectionOptions): Connection {
  const { sleep, signal } = options;
  const { client } = createReceiver(options);
  const refused = Promise.withResolvers<never>();
  // Only the race in `open` looks at it; without that race its rejection is nobody's.
  refused.promise.catch(() => undefined);
  const over = Promise.withResolvers<void>();
  let connections: number | undefined;
  let phase: 'opening' | 'open' | 'closed' = 'opening';

  const onFrame = (data: unknown): 'for the sdk' | 'done' => {
    options.onHeard();
    const { type, num_connections, reason = 'no reason given' } = parseFrame(data);
    if (type === 'hello') connections = num_connections;
    if (type !== 'disconnect') return 'for the sdk';
    if (phase === 'opening') refused.reject(notWelcome(reason));
    else if (phase === 'open') options.onRefresh(reason);
    return 'done';
  };
  interceptFrames(client, onFrame);
  client.on('disconnected', () => {
    if (phase === 'open') options.onLost();
    phase = 'closed';
    over.resolve();
  });

  const close = async (): Promise<void> => {
    phase = 'closed';
    const closed = client.disconnect();
    await Promise.race([closed, sleep(closeHandshake)]);
    // The second call ends the TCP connection that Slack leaves open.
    await client.disconnect();
  };

  return {
    open: async () => {
      try {
        await withDeadline(options, Promise.race([client.start(), refused.promise]));
        if (!client.websocket?.isActive()) throw lost();
      } catch (error) {
        await close().catch(() => undefined);
        throw error ?? lost();
      }
      if (signal.aborted) await close();
      else phase = 'open';
      return connections;
    },
    ended: over.promise,
    close,
  };
}

function createReceiver({ app, appToken, apiUrl, logger }: ConnectionOptions): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    clientPingTimeout: pingTimeout,
    logger: createSdkLogger(logger),
    // An options object of its own: the SDK writes into it, and what it writes must not reach the other
    // client.
    installerOptions: {
      clientOptions: {
        ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
        timeout: 10 * second,
        rejectRateLimitedCalls: true,
        retryConfig: { retries: 0 },
      },
    },
  });
  receiver.init(app);
  return receiver;
}

/** Puts `onFrame` before the SDK's own handler, which closes the socket at a `disconnect` frame. */
function interceptFrames(
  client: SocketModeReceiver['client'],
  onFrame: (data: unknown) => 'for the sdk' | 'done',
): void {
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...args: unknown[]) => {
    if (onFrame(args[0]) === 'done') return;
    for (const handle of handlers) Reflect.apply(handle, client, args);
  });
}

function parseFrame(data: unknown): Partial<z.infer<typeof frame>> {
  try {
    return frame.safeParse(JSON.parse(String(data))).data ?? {};
  } catch {
    return {};
  }
}

/** The SDK's start waits for ever when no hello comes. */
async function withDeadline(
  { deadline, sleep, signal }: ConnectionOptions,
  work: Promise<unknown>,
): Promise<void> {
  const settled = new AbortController();
  const late = async (): Promise<never> => {
    await sleep(deadline, AbortSignal.any([settled.signal, signal]));
    throw new PortError('chat-unreachable', 'Slack did not say hello in time', { retryable: true });
  };
  const timer = late();
  try {
    await Promise.race([work, timer]);
  } finally {
    settled.abort();
    // The race is over: the losers' rejections are expected and carry nothing.
    timer.catch(() => undefined);
    work.catch(() => undefined);
  }
}

const notWelcome = (reason: string): PortError =>
  new PortError('chat-unreachable', `Slack wants no connection of this app now (${reason})`, {
    retryable: true,
  });

const lost = (): PortError =>
  new PortError('chat-unreachable', 'Slack closed the socket at once', { retryable: true });
