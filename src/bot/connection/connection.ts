/**
 * One WebSocket of Socket Mode, from the request of its URL to its end. The SDK closes the socket as soon as
 * Slack requests a replacement, and interactions are lost until the next one is open. Here the owner closes
 * it, after its replacement has opened.
 */
import { type App, SocketModeReceiver } from '@slack/bolt';
import { EnvHttpProxyAgent, getGlobalDispatcher } from 'undici';
import { z } from 'zod';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { second, type Millis } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { createSdkLogger } from './sdk-logger.ts';

export interface ConnectionOptions {
  readonly app: App;
  readonly appToken: string;
  readonly apiUrl?: string;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** From the request of the URL to Slack's hello. */
  readonly deadline: Millis;
  /** Any frame was received. */
  readonly onActivity: () => void;
  /** Slack requests a replacement and will close this connection soon. */
  readonly onRefresh: (reason: string) => void;
  /** The connection ended without a `close` of ours. */
  readonly onLost: () => void;
}

export interface Connection {
  /**
   * Resolves at Slack's hello with the number of connections that Slack counts for the app-level token, if
   * the hello has it.
   */
  open(): Promise<number | undefined>;
  /** Resolves when the connection has ended, for any reason. */
  readonly ended: Promise<void>;
  close(): Promise<void>;
}

/** Also the deadline for the answer to a ping; three pings are sent in this time. */
const pingTimeout: Millis = 3 * second;
/**
 * How long to wait for Slack's close frame. Slack leaves TCP open after it, so that a longer wait has no
 * effect.
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
  // Only the race in `open` handles this rejection; without the race it would be unhandled.
  refused.promise.catch(() => undefined);
  const disconnected = Promise.withResolvers<void>();
  let connections: number | undefined;
  let phase: 'opening' | 'open' | 'closed' = 'opening';

  const onFrame = (data: unknown): 'pass' | 'handled' => {
    options.onActivity();
    const { type, num_connections, reason = 'no reason given' } = parseFrame(data);
    if (type === 'hello') connections = num_connections;
    if (type !== 'disconnect') return 'pass';
    if (phase === 'opening') refused.reject(connectionRejected(reason));
    else if (phase === 'open') options.onRefresh(reason);
    return 'handled';
  };
  interceptFrames(client, onFrame);
  client.on('disconnected', () => {
    if (phase === 'open') options.onLost();
    phase = 'closed';
    disconnected.resolve();
  });

  const close = async (): Promise<void> => {
    phase = 'closed';
    const closed = client.disconnect();
    await Promise.race([closed, sleep(closeHandshake)]);
    // The second call closes the TCP connection, which Slack leaves open.
    await client.disconnect();
  };

  return {
    open: async () => {
      try {
        await withDeadline(options, Promise.race([client.start(), refused.promise]));
        if (!client.websocket?.isActive()) throw closedAtOnce();
      } catch (error) {
        await close().catch(() => undefined);
        throw error ?? closedAtOnce();
      }
      if (signal.aborted) await close();
      else phase = 'open';
      return connections;
    },
    ended: disconnected.promise,
    close,
  };
}

/** The SDK connects by itself, past a proxy, unless it is told how. */
function proxied(): { readonly dispatcher?: EnvHttpProxyAgent } {
  const dispatcher = getGlobalDispatcher();
  return dispatcher instanceof EnvHttpProxyAgent ? { dispatcher } : {};
}

function createReceiver({ app, appToken, apiUrl, logger }: ConnectionOptions): SocketModeReceiver {
  const receiver = new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    ...proxied(),
    clientPingTimeout: pingTimeout,
    logger: createSdkLogger(logger),
    // A new options object for each client, because the SDK modifies it.
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

/** Runs `onFrame` before the SDK's own handler, which closes the socket on a `disconnect` frame. */
function interceptFrames(
  client: SocketModeReceiver['client'],
  onFrame: (data: unknown) => 'pass' | 'handled',
): void {
  const handlers = client.listeners('ws_message');
  client.removeAllListeners('ws_message');
  client.on('ws_message', (...args: unknown[]) => {
    if (onFrame(args[0]) === 'handled') return;
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

/** The SDK's `start` has no timeout for the hello. */
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
    // The race is decided: later rejections of either are expected and ignored.
    timer.catch(() => undefined);
    work.catch(() => undefined);
  }
}

const connectionRejected = (reason: string): PortError =>
  new PortError('chat-unreachable', `Slack wants no connection of this app now (${reason})`, {
    retryable: true,
  });

const closedAtOnce = (): PortError =>
  new PortError('chat-unreachable', 'Slack closed the socket at once', { retryable: true });
