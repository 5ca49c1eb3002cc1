import { Agent, request } from 'node:https';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ServerAddress } from './credentials.ts';

export interface PlainDoor {
  readonly url: string;
  close(): Promise<void>;
}

/** The API server over plain HTTP on loopback: the simulated kubelets of the demo speak nothing else. Tokens go through as they are. */
export async function openPlainDoor({ url, ca }: ServerAddress): Promise<PlainDoor> {
  const agent = new Agent({ keepAlive: true, ca });
  const server = createServer((incoming, outgoing) => forward({ incoming, outgoing, url, agent }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
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
