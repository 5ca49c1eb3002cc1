import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer, type WebSocket } from 'ws';
import type { ChangeFeed } from '../change-feed.ts';
import type { SlackClock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import { helloFrame, openConnection, type Connection, type DisconnectReason } from './connection.ts';
import { createDeliveries, type Delivery, type Envelope } from './deliveries.ts';
import type { FrameLog } from './frame-log.ts';
import { createTickets } from './tickets.ts';

export interface SocketHub {
  /** Issues a URL for one connection. */
  ticket(): string;
  accept(request: IncomingMessage, socket: Duplex, head: Buffer): void;
  open(): number;
  deliver(envelope: Envelope): Promise<Delivery>;
  disconnect(reason: DisconnectReason): void;
  drop(): void;
  duplicateNextEnvelope(): void;
  /** Delays the effect of acknowledgements; 0 ends it. */
  delayAcks(ms: number): void;
  close(): Promise<void>;
}

export interface HubDeps {
  readonly appId: string;
  readonly ids: Ids;
  readonly clock: SlackClock;
  readonly random: () => number;
  readonly changes: ChangeFeed;
  readonly frames: FrameLog;
}

const maxConnections = 10;
const lifetime = { normal: 18_060_000, debug: 360_000 };

export function createSocketHub(deps: HubDeps): SocketHub {
  const { random, changes } = deps;
  const server = new WebSocketServer({ noServer: true });
  const connections = new Set<Connection>();
  const tickets = createTickets(deps.ids, deps.clock);
  const deliveries = createDeliveries(deps);
  const emitCount = (): void => changes.emit({ kind: 'sockets', open: connections.size });
  let count = 0;

  const welcome = (socket: WebSocket, tcp: Duplex, debug: boolean): void => {
    count += 1;
    const life = debug ? lifetime.debug : lifetime.normal;
    const connection = openConnection({
      ...deps,
      socket,
      tcp,
      number: count,
      lifetime: life,
      onMessage: (body) => deliveries.acknowledge(body),
      onClose: () => {
        if (connections.delete(connection)) emitCount();
      },
    });
    if (connections.size >= maxConnections) {
      connection.disconnect('too_many_websockets');
      return;
    }
    connections.add(connection);
    connection.send(helloFrame(connections.size, deps.appId, life));
    emitCount();
  };

  return {
    ticket: () => tickets.issue(),
    accept(request, socket, head) {
      const url = new URL(request.url ?? '/', 'http://fake');
      if (url.pathname !== '/link/' || !tickets.redeem(url.searchParams.get('ticket') ?? '')) {
        socket.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
        return;
      }
      const debug = url.searchParams.get('debug_reconnects') === 'true';
      server.handleUpgrade(request, socket, head, (webSocket) => welcome(webSocket, socket, debug));
    },
    open: () => connections.size,
    deliver(envelope) {
      // A random connection: apps must not rely on any pattern.
      const chosen = [...connections][Math.floor(random() * connections.size)];
      return chosen === undefined
        ? Promise.resolve({ kind: 'no-socket' })
        : deliveries.send(chosen, envelope);
    },
    disconnect: (reason) => connections.forEach((connection) => connection.disconnect(reason)),
    drop: () => connections.forEach((connection) => connection.drop()),
    duplicateNextEnvelope: () => deliveries.duplicateNext(),
    delayAcks: (ms) => deliveries.delayAcks(ms),
    close: () =>
      new Promise((resolve) => {
        for (const connection of connections) connection.drop();
        server.close(() => resolve());
      }),
  };
}
