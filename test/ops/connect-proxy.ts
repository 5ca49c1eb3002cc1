import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server as HttpServer } from 'node:http';
import { type AddressInfo, connect, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const listening = (server: Server): Promise<number> =>
  new Promise((resolve) =>
    server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)),
  );

export interface ConnectProxy {
  readonly url: string;
  /** What it was asked to connect to, as host and port. */
  readonly asked: readonly string[];
  close(): void;
}

/** An HTTP proxy that knows CONNECT. The names of the tests are this machine's. */
export async function startConnectProxy(): Promise<ConnectProxy> {
  const asked: string[] = [];
  const server: HttpServer = createServer((_request, response) => response.writeHead(501).end());
  server.on('connect', (request, client, head) => {
    const target = request.url ?? '';
    asked.push(target);
    const upstream = connect(Number(target.split(':')[1]), '127.0.0.1', () => {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n');
      upstream.write(head);
      upstream.pipe(client).pipe(upstream);
    });
    for (const socket of [upstream, client]) socket.on('error', () => (upstream.destroy(), client.destroy()));
  });
  const port = await listening(server);
  return {
    url: `http://127.0.0.1:${port}`,
    asked,
    close: () => (server.close(), server.closeAllConnections()),
  };
}

/** A key and a certificate for these names, by openssl. */
export function certificateFor(names: readonly string[]): { readonly key: string; readonly cert: string } {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-certificate-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const subject = `subjectAltName=${names.map((name) => `DNS:${name}`).join(',')}`;
  const request = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  const named = ['-subj', '/CN=test', '-addext', subject, '-days', '2', '-keyout', key, '-out', cert];
  execFileSync('openssl', [...request, ...named], { stdio: 'ignore' });
  const pair = { key: readFileSync(key, 'utf8'), cert: readFileSync(cert, 'utf8') };
  rmSync(folder, { recursive: true });
  return pair;
}
