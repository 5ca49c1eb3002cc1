/**
 * The WebSocket over which Slack tells of clicks. It reconnects by itself rather than by the SDK, which leaves a gap of seconds after each
 * of Slack's regular refreshes (clicks in the gap are lost) and ends the process when a reconnect is refused.
 */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { SocketModeReceiver } from '@slack/bolt';
import { inWords, minute, second, type Instant, type Millis } from '../reboot/time.ts';
import { createLine, type LineOptions, type LineState } from './line.ts';
import { createSdkLogger } from './sdk-logger.ts';

export interface SocketOptions extends LineOptions {
  readonly appToken: string;
  readonly apiUrl?: string;
}

export interface Health {
  readonly ok: boolean;
  readonly why?: string;
}

export interface Socket {
  readonly receiver: SocketModeReceiver;
  /** Resolves when Slack has said hello. */
  start(): Promise<void>;
  stop(): Promise<void>;
  health(): Health;
}

/** Also the deadline for an answer to our pings, of which three are sent in this time. */
const pingTimeout: Millis = 3 * second;
/** A gap that no regular refresh explains. */
const mostAbsence: Millis = 30 * second;
const mostSilence: Millis = minute;
const closing: Millis = 2 * second;

export function createSocket(options: SocketOptions): Socket {
  const { clock, sleep } = options;
  const receiver = createReceiver(options);
  const { client } = receiver;
  const line = createLine(options, client);
  let heardAt: Instant = clock.now();
  const heard = (): void => {
    heardAt = clock.now();
  };

  return {
    receiver,
    start: async () => {
      client.on('ws_message', heard);
      // Pongs of every WebSocket in this process; Slack's is the only one that pings.
      subscribe('undici:websocket:pong', heard);
      await line.open();
    },
    stop: async () => {
      unsubscribe('undici:websocket:pong', heard);
      // The SDK waits up to 30 s for Slack's half of the close.
      await Promise.race([client.disconnect(), sleep(closing)]);
    },
    health: () => {
      const now = clock.now();
      const { state } = line;
      if (!state.connected) return absence(state, now);
      if (now - heardAt <= mostSilence) return { ok: true };
      return { ok: false, why: `Slack's socket has been silent for ${inWords(now - heardAt)}` };
    },
  };
}

function absence({ since, why }: LineState, now: Instant): Health {
  if (now - since < mostAbsence) return { ok: true };
  return {
    ok: false,
    why: `Slack has not been connected for ${inWords(now - since)}${why ? ` (${why})` : ''}`,
  };
}

function createReceiver({ appToken, apiUrl, logger }: SocketOptions): SocketModeReceiver {
  return new SocketModeReceiver({
    appToken,
    autoReconnectEnabled: false,
    clientPingTimeout: pingTimeout,
    logger: createSdkLogger(logger),
    // An options object of its own: the SDK writes into it, and what it writes must not reach the other client.
    installerOptions: {
      clientOptions: {
        ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
        timeout: 10 * second,
        rejectRateLimitedCalls: true,
        retryConfig: { retries: 0 },
      },
    },
  });
}
