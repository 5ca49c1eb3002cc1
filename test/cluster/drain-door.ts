import { Agent, request } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerAddress } from './harness/credentials.ts';

export interface Passing {
  readonly method: string;
  readonly path: string;
  readonly isEviction: boolean;
}

/** What becomes of a request: it goes through, gets an answer that the server never gave, or loses its connection. */
export type Fate = 'through' | 'cut' | { readonly status: number; readonly body: unknown };

export interface Passed extends Passing {
  readonly at: number;
  /** 0 where the connection was lost. */
  readonly status: number;
}

export interface DrainDoor {
  readonly url: string;
  /** Asked before each request, in place of the one before. */
  onRequest(judge: (passing: Passing) => Fate | Promise<Fate>): void;
  /** All that were answered, in the order of their answers. */
  readonly passed: readonly Passed[];
  /** Cuts every connection that stands: watches, too. */
  cutAll(): void;
  close(): Promise<void>;
}

/** The API server over plain HTTP on loopback, with somebody at the door. */
export async function openDrainDoor({ url, ca }: ServerAddress): Promise<DrainDoor> {
  const agent = new Agent({ keepAlive: true, ca });
  const passed: Passed[] = [];
  let judge: (passing: Passing) => Fate | Promise<Fate> = () => 'through';
  const server = createServer((incoming, outgoing) => {
    const path = incoming.url ?? '/';
    const passing = { method: incoming.method ?? 'GET', path, isEviction: path.endsWith('/eviction') };
    outgoing.on('close', () =>
      passed.push({ ...passing, at: Date.now(), status: outgoing.headersSent ? outgoing.statusCode : 0 }),
    );
    void decide(passing).then((fate) => settle(fate, { incoming, outgoing, url, agent }));
  });
  const decide = async (passing: Passing): Promise<Fate> => judge(passing);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    onRequest: (next) => void (judge = next),
    cutAll: () => server.closeAllConnections(),
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
      agent.destroy();
    },
  };
}

interface Passage {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  readonly url: string;
  readonly agent: Agent;
}

function settle(fate: Fate, passage: Passage): void {
  const { incoming, outgoing } = passage;
  if (fate === 'cut') return void outgoing.destroy();
  if (fate === 'through') return forward(passage);
  incoming.resume();
  outgoing.writeHead(fate.status, { 'content-type': 'application/json' }).end(JSON.stringify(fate.body));
}

function forward({ incoming, outgoing, url, agent }: Passage): void {
  const { method, headers } = incoming;
  const target = new URL(incoming.url ?? '/', url);
  const asked = request(target, { method, headers: { ...headers, host: target.host }, agent }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    // A watch has nothing to say for a while; its client waits for the headers.
    outgoing.flushHeaders();
    answer.pipe(outgoing);
    answer.on('error', () => outgoing.destroy());
  });
  asked.on('error', () => outgoing.destroy());
  outgoing.on('close', () => asked.destroy());
  incoming.pipe(asked);
}
