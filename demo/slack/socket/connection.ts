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
  /** Says goodbye and, if the app does not hang up itself, closes after Slack's ten seconds. */
  disconnect(reason: DisconnectReason): void;
  /** Cuts the TCP connection without a word. */
  drop(): void;
}

export interface ConnectionOptions {
  readonly socket: WebSocket;
  /** Beneath it. */
  readonly tcp: Duplex;
  readonly number: number;
  readonly clock: SlackClock;
  readonly frames: FrameLog;
  /** How long Slack keeps the connection before it asks for a new one. */
  readonly lifetime: number;
  readonly onMessage: (body: JsonObject) => void;
  /** It delivers nothing any more: its close handshake is done, or it was cut. */
  readonly onClose: () => void;
}

// The client's own watchdog arms with the first ping and bites after 30 s: ping well below that, or never.
const pingEvery = 10_000;
const goodbye = 10_000;
const host = 'applink-fake';

/**
 * How long TCP stays open after the close handshake, as seen with Slack: a client that waits for its end is
 * deaf for so long.
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
    // What was delivered last can still be acknowledged.
    later(goodbye - ackDeadline, onClose);
    later(goodbye, () => socket.close(1000));
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
  // A peer that vanishes shows up as an error first; `close` follows and does the work.
  socket.on('error', () => socket.terminate());
  keepAlive(socket, later);
  later(options.lifetime - goodbye, () => disconnect('warning'));
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
