import type { WebClientOptions } from '@slack/web-api';
import type { Socket, SocketOptions } from './socket.ts';

/** How Slack is reached, in place of the network. */
export interface SlackNetwork {
  /** Rejects by itself when no answer comes. */
  readonly fetch: NonNullable<WebClientOptions['fetch']>;
  readonly openSocket: (options: SocketOptions) => Socket;
}
