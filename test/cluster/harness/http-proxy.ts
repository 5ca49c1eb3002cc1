import { Agent, request } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerAddress } from './credentials.ts';

export interface HttpProxy {
  readonly url: string;
  close(): Promise<void>;
}

/** An incoming write request. */
export interface Write {
  readonly method: string;
  /** Without its query. */
  readonly path: string;
  readonly body: string;
}

/**
 * Runs between sending a write and its arrival; the function that it returns receives the status of the
 * response.
 */
export type WriteInterceptor = (write: Write) => Promise<((status: number) => void) | undefined>;

/**
 * A plain HTTP proxy on loopback for the API server, since the demo's simulated kubelets have no TLS. Tokens
 * are passed on. A porter can delay a write, or make another one before it.
 */
export async function startHttpProxy(
  server: ServerAddress,
  intercept?: WriteInterceptor,
): Promise<HttpProxy> {
  const agent = new Agent({ keepAlive: true });
  const listener = createServer((incoming, outgoing) => {
    const exchange: Exchange = { incoming, outgoing, server, agent };
    if (intercept === undefined || incoming.method === 'GET') forward(exchange);
    else void forwardWrite(exchange, intercept).catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(listener.address() as AddressInfo).port}`,
    async close() {
      listener.closeAllConnections();
      await new Promise((resolve) => listener.close(resolve));
      agent.destroy();
    },
  };
}

interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly server: ServerAddress;
  readonly agent: Agent;
}

async function forwardWrite(exchange: Exchange, intercept: WriteInterceptor): Promise<void> {
  const { incoming } = exchange;
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  const body = Buffer.concat(chunks);
  const [path = ''] = (incoming.url ?? '').split('?');
  const onStatus = await intercept({ method: incoming.method ?? '', path, body: body.toString() });
  forward(exchange, body, onStatus);
}

function forward(
  { incoming, outgoing, server, agent }: Exchange,
  body?: Buffer,
  onStatus?: (status: number) => void,
): void {
  const { method, headers } = incoming;
  const target = new URL(incoming.url ?? '/', server.url);
  // Read for each request: the certificate may have been replaced.
  const options = { method, headers: { ...headers, host: target.host }, agent, ca: server.ca };
  const forwarded = request(target, options, (answer) => {
    onStatus?.(answer.statusCode ?? 0);
    if (outgoing.destroyed) {
      answer.resume();
      return;
    }
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    // A watch may have no events for a while, but its client waits for the headers.
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  forwarded.on('error', () => outgoing.destroy());
  // A write whose answer is awaited was on its way: it arrives, although its client has given it up.
  if (onStatus === undefined) outgoing.on('close', () => forwarded.destroy());
  if (body === undefined) incoming.pipe(forwarded);
  else forwarded.end(body);
}
