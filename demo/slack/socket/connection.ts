import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import type { Cancel, SlackClock } from '../clock.ts';
import { isObject, parseJson, type JsonObject } from '../json.ts';
import { ackDeadline } from './ack-deadline.ts';
import type { FrameLog } from './frame-log.ts';

export type DisconnectReason = 'warning' | 'refresh_requested' | 'link_disabled' | 'too_many_websockets';

export interface Connection {
  readonly number: number;
  send(body: JsonObject): void;
  /** Sends a disconnect and, if the app does not close first, closes after ten seconds, as Slack does. */
  disconnect(reason: DisconnectReason): void;
  /** Resets the TCP connection. */
  drop(): void;
}

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** The TCP connection beneath it. */
  readonly tcp: Duplex;
  readonly number: number;
  readonly clock: SlackClock;
  readonly frames: FrameLog;
  /** Milliseconds until Slack closes the connection; it asks for a new one shortly before. */
  readonly lifetime: number;
  readonly onMessage: (body: JsonObject) => void;
  /** No more deliveries: the close handshake is done, or the connection was reset. */
  readonly onClose: () => void;
}

// The client's watchdog starts with the first ping and fires after 30 s without one, so the interval must be
// well below that.
const pingEvery = 10_000;
const disconnectGrace = 10_000;
const host = 'applink-fake';

/**
 * TCP stays open for this time after the close handshake, as observed with Slack: a client that waits for its
 * end receives nothing meanwhile.
 */
const tcpLinger = 2500;

export function openConnection(options: ConnectionOptions): Connection {
  const { socket, tcp, number, clock, frames, onMessage, onClose } = options;
  const timers = new Set<Cancel>();
  const later = (delay: number, run: () => void): void => {
    const cancel = clock.after(delay, () => {
      timers.delete(cancel);
      run();
    });
    timers.add(cancel);
  };
  const send = (body: JsonObject): void => {
    frames.add({ at: clock.now(), from: 'slack', connection: number, body });
    socket.send(JSON.stringify(body));
  };
  const disconnect = (reason: DisconnectReason): void => {
    send({ type: 'disconnect', reason, debug_info: { host } });
    if (reason === 'too_many_websockets') {
      later(0, () => socket.close(1000));
      return;
    }
    // The last deliveries can still be acknowledged.
    later(disconnectGrace - ackDeadline, onClose);
    later(disconnectGrace, () => socket.close(1000));
  };

  socket.on('message', (data) => {
    const body = parseJson(textOf(data));
    if (!isObject(body)) return;
    frames.add({ at: clock.now(), from: 'app', connection: number, body });
    onMessage(body);
  });
  const end = tcp.end.bind(tcp);
  tcp.end = () => {
    onClose();
    if (tcp.readableEnded) return end();
    tcp.once('end', () => end());
    clock.after(tcpLinger, () => end());
    return tcp;
  };
  socket.on('close', () => {
    for (const cancel of timers) cancel();
    onClose();
  });
  // A vanished peer causes an error first; the `close` that follows cleans up.
  socket.on('error', () => socket.terminate());
  keepAlive(socket, later);
  later(options.lifetime - disconnectGrace, () => disconnect('warning'));
  return { number, send, disconnect, drop: () => socket.terminate() };
}

function keepAlive(socket: WebSocket, later: (delay: number, run: () => void) => void): void {
  let answered = true;
  socket.on('pong', () => void (answered = true));
  const beat = (): void => {
    if (!answered) {
      socket.terminate();
      return;
    }
    answered = false;
    socket.ping();
    later(pingEvery, beat);
  };
  later(pingEvery, beat);
}

function textOf(data: Buffer | ArrayBuffer | Buffer[]): string {
  if (Array.isArray(data)) return Buffer.concat(data).toString();
  return Buffer.isBuffer(data) ? data.toString() : Buffer.from(data).toString();
}

export const helloFrame = (connections: number, appId: string, lifetime: number): JsonObject => ({
  type: 'hello',
  num_connections: connections,
  connection_info: { app_id: appId },
  debug_info: { host, build_number: 10, approximate_connection_time: Math.round(lifetime / 1000) },
});
