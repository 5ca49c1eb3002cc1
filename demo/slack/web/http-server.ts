import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';

export type Route = (request: IncomingMessage, response: ServerResponse, url: URL) => Promise<void>;

export interface HttpServerDeps {
  /** The first route with a matching prefix is used. */
  readonly routes: readonly { readonly prefix: string; readonly run: Route }[];
  readonly onUpgrade: (request: IncomingMessage, socket: Duplex, head: Buffer) => void;
  readonly host: string;
  readonly port: number;
}

export interface HttpServer {
  readonly port: number;
  close(): Promise<void>;
}

/** Listens on that one address only, to be unreachable from elsewhere. */
export async function listen({ routes, onUpgrade, host, port }: HttpServerDeps): Promise<HttpServer> {
  const server = createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://fake');
    const route = routes.find(({ prefix }) => url.pathname.startsWith(prefix));
    if (route === undefined) {
      response.writeHead(404).end();
      return;
    }
    route.run(request, response, url).catch((error: unknown) => failed(response, error));
  });
  server.on('upgrade', onUpgrade);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.removeListener('error', reject);
      resolve();
    });
  });
  return { port: (server.address() as AddressInfo).port, close: () => close(server) };
}

/** An internal error of the fake must be visible: its message is sent in the response. */
function failed(response: ServerResponse, error: unknown): void {
  if (response.headersSent) {
    response.end();
    return;
  }
  response.writeHead(500, { 'content-type': 'application/json' });
  const detail = error instanceof Error ? error.message : 'unknown';
  response.end(JSON.stringify({ ok: false, error: 'internal_error', detail }));
}

const close = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => resolve());
    // Event streams and hanging calls would keep the server open.
    server.closeAllConnections();
  });
