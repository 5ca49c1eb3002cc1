import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createKubeClient, type KubeClient } from '../../../src/k8s/api/client.ts';
import { kubeAccess } from '../../../src/k8s/api/kube-access.ts';
import { readLines } from '../../../src/k8s/api/lines.ts';
import { createTransport } from '../../../src/k8s/api/transport.ts';
import { fakeClock } from '../../fakes/fake-clock.ts';

interface Seen {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}
type Answer = (response: ServerResponse) => void;

const json =
  (status: number, body: unknown, headers: Readonly<Record<string, string>> = {}): Answer =>
  (response) => {
    response.writeHead(status, { 'content-type': 'application/json', ...headers });
    response.end(JSON.stringify(body));
  };
const cut: Answer = (response) => void response.destroy();

describe('the client', () => {
  const seen: Seen[] = [];
  let script: Answer[] = [];
  let folder = '';
  let url = '';
  let connections = 0;
  let close = async (): Promise<void> => undefined;
  const clients: KubeClient[] = [];
  const slept: number[] = [];
  const clock = fakeClock();

  beforeEach(async () => {
    [seen.length, slept.length, connections] = [0, 0, 0];
    script = [];
    const server = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        seen.push({
          method: request.method ?? '',
          url: request.url ?? '',
          headers: request.headers,
          body: Buffer.concat(chunks).toString(),
        });
        (script.shift() ?? json(200, { kind: 'Thing' }))(response);
      });
    });
    server.on('connection', () => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = mkdtempSync(join(tmpdir(), 'tugboot-client-'));
    close = () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      });
  });
  afterEach(async () => {
    await Promise.all(clients.splice(0).map((client) => client.close()));
    await close();
    rmSync(folder, { recursive: true });
  });

  const file = (name: string, content: string): string => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const config = (
    user: unknown,
    cluster: unknown = { server: url, 'insecure-skip-tls-verify': true },
  ): string =>
    file(
      'config',
      JSON.stringify({
        clusters: [{ name: 'c', cluster }],
        users: [{ name: 'u', user }],
        contexts: [{ name: 'here', context: { cluster: 'c', user: 'u' } }],
        'current-context': 'here',
      }),
    );
  const connect = (user: unknown = { token: 'secret-token' }): KubeClient => {
    const access = kubeAccess({ kubeconfig: config(user) }, clock);
    const sleep = async (ms: number): Promise<void> => void slept.push(ms);
    const client = createKubeClient({
      access,
      transport: createTransport(undefined),
      sleep,
      userAgent: 'tugboot/0.1.0',
    });
    clients.push(client);
    return client;
  };

  it('says who it is, and shows its token', async () => {
    await connect().send({ method: 'GET', path: '/x', query: { limit: 500, continue: undefined } });
    expect(seen[0]).toMatchObject({
      url: '/x?limit=500',
      headers: { 'user-agent': 'tugboot/0.1.0', authorization: 'Bearer secret-token' },
    });
  });

  it('keeps its connections', async () => {
    const client = connect();
    for (let count = 0; count < 20; count += 1) await client.send({ method: 'GET', path: '/x' });
    expect(connections).toBeLessThanOrEqual(2);
  });

  it('sends each kind of patch as what it is', async () => {
    const client = connect();
    await client.send({ method: 'PATCH', path: '/x', patch: 'json', body: [] });
    await client.send({ method: 'PATCH', path: '/x', patch: 'merge', body: {} });
    await client.send({ method: 'POST', path: '/x', body: {} });
    expect(seen.map((request) => request.headers['content-type'])).toEqual([
      'application/json-patch+json',
      'application/merge-patch+json',
      'application/json',
    ]);
  });

  it('returns a refusal with reason, causes and the time to wait', async () => {
    const details = { retryAfterSeconds: 10, causes: [{ reason: 'DisruptionBudget', message: 'needs 2' }] };
    script = [json(429, { kind: 'Status', code: 429, reason: 'TooManyRequests', message: 'no', details })];
    const answer = await connect().send({ method: 'POST', path: '/x', body: {}, tooManyIsAnAnswer: true });
    expect(answer).toEqual({
      ok: false,
      status: {
        code: 429,
        reason: 'TooManyRequests',
        message: 'no',
        causes: details.causes,
        retryAfterSeconds: 10,
      },
    });
    expect(slept).toEqual([]);
  });

  it('heeds the plea of a busy server, three times', async () => {
    script = Array.from({ length: 5 }, () => json(429, {}, { 'retry-after': '2' }));
    expect(await connect().send({ method: 'GET', path: '/x' })).toMatchObject({
      ok: false,
      status: { code: 429, retryAfterSeconds: 2 },
    });
    expect(slept).toEqual([2000, 2000, 2000]);
  });

  it('reads once more when a connection is cut, and writes once only', async () => {
    script = [cut];
    expect(await connect().send({ method: 'GET', path: '/x' })).toMatchObject({ ok: true });
    script = [cut];
    await expect(connect().send({ method: 'POST', path: '/x', body: {} })).rejects.toMatchObject({
      code: 'cluster-unreachable',
      retryable: true,
    });
    expect(seen.filter((request) => request.method === 'POST')).toHaveLength(1);
  });

  it('says that a server cannot be reached, and not what it wanted to tell it', async () => {
    const client = connect();
    await close();
    const error: unknown = await client
      .send({ method: 'GET', path: '/x' })
      .catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: 'PortError',
      code: 'cluster-unreachable',
      retryable: true,
      message: 'The cluster cannot be reached (ECONNREFUSED).',
    });
    expect(JSON.stringify(error)).not.toContain('secret-token');
  });

  it('does not wait for ever for an answer', async () => {
    script = [() => undefined];
    await expect(connect().send({ method: 'POST', path: '/x', timeout: 20 })).rejects.toMatchObject({
      code: 'cluster-unreachable',
    });
  });

  it('ends at once when aborted', async () => {
    script = [() => undefined];
    const over = new AbortController();
    const answer = connect().send({ method: 'GET', path: '/x', signal: over.signal });
    over.abort(new Error('enough'));
    await expect(answer).rejects.toThrow('enough');
  });

  it('takes a page that is no JSON for no answer of the API server', async () => {
    script = [(response) => response.end('<html>login</html>')];
    await expect(connect().send({ method: 'GET', path: '/x' })).rejects.toMatchObject({
      code: 'cluster-refused',
      retryable: true,
    });
  });

  it('reads a token from a file, without its newline', async () => {
    const client = connect({
      'auth-provider': { name: 'tokenFile', config: { tokenFile: file('token', 'one\n') } },
    });
    await client.send({ method: 'GET', path: '/x' });
    expect(seen.at(-1)?.headers.authorization).toBe('Bearer one');
  });

  it('reads the token file again when the server refuses what was in it', async () => {
    const tokenFile = file('token', 'one');
    const client = connect({ 'auth-provider': { name: 'tokenFile', config: { tokenFile } } });
    await client.send({ method: 'GET', path: '/x' });
    file('token', 'two');
    script = [json(401, {})];
    await client.send({ method: 'GET', path: '/x' });
    await client.send({ method: 'GET', path: '/x' });
    expect(seen.map(({ headers }) => headers.authorization)).toEqual([
      'Bearer one',
      'Bearer one',
      'Bearer two',
    ]);
  });

  it('reads the kubeconfig again when the server refuses what was in it, and keeps what it has while that cannot be read', async () => {
    const client = connect({ token: 'one' });
    const tokens = (): unknown => seen.map(({ headers }) => headers.authorization);
    file('config', 'half written: [');
    script = [json(401, {})];
    await client.send({ method: 'GET', path: '/x' });
    await client.send({ method: 'GET', path: '/x' });
    expect(tokens()).toEqual(['Bearer one', 'Bearer one']);
    config({ token: 'two' });
    script = [json(401, {})];
    await client.send({ method: 'GET', path: '/x' });
    await client.send({ method: 'GET', path: '/x' });
    expect(tokens()).toEqual(['Bearer one', 'Bearer one', 'Bearer one', 'Bearer two']);
  });

  it('sends name and password where the kubeconfig has them', async () => {
    await connect({ username: 'u', password: 'p' }).send({ method: 'GET', path: '/x' });
    expect(seen[0]?.headers.authorization).toBe(`Basic ${Buffer.from('u:p').toString('base64')}`);
  });

  it('tells the events of a watch one by one, wherever the bytes are cut', async () => {
    script = [
      (response) => {
        response.writeHead(200);
        response.write('{"type":"ADDED","object":{"name":"ä');
        response.write('"}}\n{"type":"BOOKMARK"}\n\n{"type":"DEL');
        response.end('ETED"}\n{"type":"cut off');
      },
    ];
    const events: unknown[] = [];
    for await (const event of connect().watch('/w', { resourceVersion: '7' }, new AbortController().signal))
      events.push(event);
    expect(events).toEqual([
      { type: 'ADDED', object: { name: 'ä' } },
      { type: 'BOOKMARK' },
      { type: 'DELETED' },
    ]);
    expect(seen[0]?.url).toBe('/w?resourceVersion=7&watch=true&allowWatchBookmarks=true');
  });

  it.each([
    ['a file that is not there', () => ({ kubeconfig: join(folder, 'nowhere') }), /cannot be read/],
    [
      'a context that is not there',
      () => ({ kubeconfig: config({}), context: 'there' }),
      /no context "there".*It has: here/,
    ],
    [
      'plain http without leave',
      () => ({ kubeconfig: config({}, { server: url }) }),
      /insecure-skip-tls-verify/,
    ],
    [
      'a SOCKS proxy',
      () => ({ kubeconfig: config({}, { server: 'https://k', 'proxy-url': 'socks5://p' }) }),
      /SOCKS/,
    ],
  ])('refuses a configuration with %s, and says so', (_name, source, words) => {
    expect(() => kubeAccess(source(), clock)).toThrow(
      expect.objectContaining({
        name: 'PortError',
        code: 'cluster-invalid',
        message: expect.stringMatching(words),
      }),
    );
  });
});

describe('lines of a stream', () => {
  it('are whole, whatever the pieces', async () => {
    const text = '{"a":"ü€😀"}\n\n{"b":2}\n';
    const bytes = new TextEncoder().encode(text);
    for (let size = 1; size < bytes.length; size += 1) {
      const pieces = async function* () {
        for (let at = 0; at < bytes.length; at += size) yield bytes.slice(at, at + size);
      };
      const lines: string[] = [];
      for await (const line of readLines(pieces())) lines.push(line);
      expect(lines).toEqual(['{"a":"ü€😀"}', '{"b":2}']);
    }
  });
});
