import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:https';
import { getCACertificates, setDefaultCACertificates } from 'node:tls';
import { execFileSync } from 'node:child_process';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import type { App } from '@slack/bolt';
import { createConnection } from '../../src/bot/connection/connection.ts';
import { httpClient } from '../../src/gates/http.ts';
import { useProxyOf } from '../../src/ops/http-proxy.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { realSleep } from '../k8s/world/api.ts';
import { describeWith } from '../needs/describe-with.ts';
import { certificateFor, type ConnectProxy, listening, startConnectProxy } from './connect-proxy.ts';

function lackOfOpenssl(): string | undefined {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' });
    return undefined;
  } catch {
    return 'openssl is not there';
  }
}

/** The receiver only passes payloads to it, and there are none. */
const app = {} as App;

/** Resolved by no name server: only the proxy can find it. */
const slack = 'slack.invalid';

describeWith('a proxy that HTTPS_PROXY alone names', { lack: lackOfOpenssl() }, () => {
  const authorities = getCACertificates('default');
  let proxy: ConnectProxy;
  let server: Server;
  let port: number;
  let restore: (() => Promise<void>) | undefined;

  beforeAll(async () => {
    const pair = certificateFor([slack, 'localhost']);
    setDefaultCACertificates([...authorities, pair.cert]);
    server = createServer(pair, (_request, response) => {
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ ok: true, url: `wss://${slack}:${port}/link` }));
    });
    // RFC 6455, section 4.2.2: the upgrade, and the first message of Socket Mode.
    server.on('upgrade', (request, socket) => {
      const key = `${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`;
      const accept = createHash('sha1').update(key).digest('base64');
      const hello = Buffer.from(JSON.stringify({ type: 'hello', num_connections: 1 }));
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      );
      socket.write(Buffer.concat([Buffer.from([0x81, hello.length]), hello]));
      socket.on('error', () => socket.destroy());
    });
    port = await listening(server);
  });
  afterAll(() => {
    setDefaultCACertificates(authorities);
    server.close();
    server.closeAllConnections();
  });
  afterEach(async () => {
    await restore?.();
    proxy.close();
  });

  const begin = async (more: Record<string, string> = {}): Promise<void> => {
    proxy = await startConnectProxy();
    restore = useProxyOf({ HTTPS_PROXY: proxy.url, ...more });
  };

  it('carries Slack’s Web API', async () => {
    await begin();
    const response = await fetch(`https://${slack}:${port}/api/auth.test`);
    expect(await response.json()).toMatchObject({ ok: true });
    expect(proxy.asked).toEqual([`${slack}:${port}`]);
  });

  it('carries the WebSocket of Socket Mode', async () => {
    await begin();
    const connection = createConnection({
      app,
      appToken: 'xapp-1',
      apiUrl: `https://${slack}:${port}/api/`,
      sleep: realSleep,
      logger: silentLogger,
      signal: new AbortController().signal,
      deadline: 10_000,
      onActivity: () => undefined,
      onRefresh: () => undefined,
      onLost: () => undefined,
    });
    expect(await connection.open()).toBe(1);
    await connection.close();
    // The address of the link is asked for first.
    expect(new Set(proxy.asked)).toEqual(new Set([`${slack}:${port}`]));
    expect(proxy.asked.length).toBeGreaterThan(1);
  });

  it('carries the gates outside of the cluster', async () => {
    await begin();
    const gates = httpClient(() => '');
    const answer = await gates.call(
      { url: `https://${slack}:${port}/gate`, headers: {} },
      { method: 'GET', timeout: 5_000 },
    );
    expect(answer).toMatchObject({ ok: true, status: 200 });
    expect(proxy.asked).toEqual([`${slack}:${port}`]);
    await gates.close();
  });

  it('is not asked for what is inside, or what NO_PROXY names', async () => {
    await begin({ NO_PROXY: slack });
    await fetch(`https://localhost:${port}/`).then((response) => response.text());
    await expect(fetch(`https://${slack}:${port}/`)).rejects.toThrow();
    await expect(fetch('https://prometheus.monitoring.svc/')).rejects.toThrow();
    expect(proxy.asked).toEqual([]);
  });

  it('is none where none is named', async () => {
    proxy = await startConnectProxy();
    restore = useProxyOf({ NO_PROXY: 'localhost' });
    expect(restore).toBeUndefined();
  });
});
