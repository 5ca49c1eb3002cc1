import { createServer, type RequestListener } from 'node:http';
import { type Socket } from 'node:net';

/** An HTTP server on loopback that can go down and listen again on the same port. */
export interface Listener {
  readonly url: string;
  readonly down: () => Promise<void>;
  readonly up: () => Promise<void>;
}

const host = '127.0.0.1';

export async function listen(handler: RequestListener, port = 0): Promise<Listener> {
  const sockets = new Set<Socket>();
  const create = (): ReturnType<typeof createServer> => {
    // A long keep-alive, as in the real server: clients must handle connections that are reset.
    const made = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, handler);
    made.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.on('close', () => sockets.delete(socket));
    });
    return made;
  };
  const start = (at: number): Promise<void> =>
    new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(at, host, resolve);
    });
  let server = create();
  await start(port);
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    url: `http://${host}:${bound}`,
    async down() {
      if (!server.listening) return;
      const closed = new Promise((resolve) => server.close(resolve));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
    async up() {
      if (server.listening) return;
      server = create();
      await start(bound);
    },
  };
}
