import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { ApiError } from '../../../src/agent/api/api-error.ts';
import { createCredentials } from '../../../src/agent/api/credentials.ts';
import { splitLines } from '../../../src/agent/host/split-lines.ts';
import { createAgentTransport, type AgentTransport } from '../../../src/agent/api/agent-transport.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';
import { tempHost } from '../host/temp-host.ts';

interface World {
  readonly transport: AgentTransport;
  readonly timers: FakeClock;
  readonly tokenFile: (content: string) => void;
}

async function against(listener: RequestListener): Promise<World> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const files = tempHost();
  files.write('token', 'secret-token\n');
  const timers = fakeClock();
  const credentials = createCredentials({
    tokenFile: files.path('token'),
    secure: false,
    now: timers.now,
  });
  onTestFinished(async () => {
    credentials.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const base = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/prefix/`);
  const transport = createAgentTransport({ base, credentials, userAgent: 'tugboot-agent/1', timers });
  return { transport, timers, tokenFile: (content) => files.write('token', content) };
}

const get = { method: 'GET', path: '/x' } as const;
const never = new AbortController().signal;
const failure = async (promise: Promise<unknown>): Promise<ApiError> => {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof ApiError) return error;
  throw new Error('It did not fail as an ApiError does', { cause: error });
};

describe('a request', () => {
  it('carries token, user agent and merge patch, below the path of the address', async () => {
    const { transport } = await against((request, answer) => {
      const pieces: Buffer[] = [];
      request.on('data', (piece: Buffer) => pieces.push(piece));
      request.on('end', () => {
        const { authorization, 'content-type': type, 'user-agent': agent } = request.headers;
        answer.end(
          JSON.stringify({
            url: request.url,
            authorization,
            type,
            agent,
            body: Buffer.concat(pieces).toString(),
          }),
        );
      });
    });
    expect(await transport.json({ method: 'PATCH', path: '/x?y=1', patch: { a: null } }, never)).toEqual({
      url: '/prefix/x?y=1',
      authorization: 'Bearer secret-token',
      type: 'application/merge-patch+json',
      agent: 'tugboot-agent/1',
      body: '{"a":null}',
    });
  });

  it('fails with the server’s own message and code', async () => {
    const { transport } = await against((_request, answer) => {
      answer.writeHead(403).end('{"kind":"Status","message":"nodes \\"n1\\" is forbidden"}');
    });
    const error = await failure(transport.json(get, never));
    expect(error.status).toBe(403);
    expect(error.message).toBe('The API server answered 403: nodes "n1" is forbidden');
  });

  it('shows no more than a line of what a proxy answers, and never the token', async () => {
    const { transport } = await against((_request, answer) => {
      answer.writeHead(502).end(`<html>\n${'bad gateway '.repeat(1000)}`);
    });
    const error = await failure(transport.json(get, never));
    expect(error.message.length).toBeLessThanOrEqual(300);
    expect(error.message).not.toMatch(/\n|secret/);
  });

  it('fails when the server answers no JSON', async () => {
    const { transport } = await against((_request, answer) => void answer.end('<html>'));
    expect((await failure(transport.json(get, never))).message).toBe(
      'The API server answered something that is no JSON',
    );
  });

  it('fails when the server says nothing for 15 s', async () => {
    const heard = Promise.withResolvers<void>();
    const { transport, timers } = await against(() => heard.resolve());
    const request = failure(transport.json(get, never));
    await heard.promise;
    timers.advance(15_000);
    expect((await request).message).toBe('Nothing heard from the API server for 15 s');
  });

  it('ends at once when it is called off', async () => {
    const heard = Promise.withResolvers<void>();
    const { transport } = await against(() => heard.resolve());
    const stop = new AbortController();
    const request = failure(transport.json(get, stop.signal));
    await heard.promise;
    stop.abort();
    expect((await request).message).toBe('The request was called off');
    expect((await failure(transport.json(get, stop.signal))).message).toBe('The request was called off');
  });

  it('reads the token again after a minute', async () => {
    const { transport, timers, tokenFile } = await against((request, answer) => {
      answer.end(JSON.stringify(request.headers.authorization));
    });
    await transport.json(get, never);
    tokenFile('renewed');
    expect(await transport.json(get, never)).toBe('Bearer secret-token');
    timers.advance(60_000);
    expect(await transport.json(get, never)).toBe('Bearer renewed');
  });

  it('asks once more, with the token read anew, when the server refuses it; and then gives up', async () => {
    let requests = 0;
    const { transport } = await against((_request, answer) => {
      requests += 1;
      answer.writeHead(401).end('{}');
    });
    expect((await failure(transport.json(get, never))).status).toBe(401);
    expect(requests).toBe(2);
  });
});

describe('a stream', () => {
  const stream = async (listener: RequestListener, lines: unknown[]): Promise<void> => {
    const { transport } = await against(listener);
    return transport.lines('/x', { stall: 1_000, onLine: (line) => lines.push(line) }, never);
  };

  it('hands over its lines and ends with the server', async () => {
    const lines: unknown[] = [];
    await stream((_request, answer) => {
      answer.write('{"a":1}\n{"b"');
      setImmediate(() => answer.end(':2}\n\n{"c":3}'));
    }, lines);
    expect(lines).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }]);
  });

  it('fails when the connection breaks', async () => {
    const broken = stream(
      (_request, answer) => void answer.write('{"a":1}\n', () => answer.socket?.destroy()),
      [],
    );
    expect((await failure(broken)).message).toBe('The API server cannot be reached');
  });

  it('counts silence from the last thing heard', async () => {
    const answers = Promise.withResolvers<(text: string) => void>();
    const { transport, timers } = await against((_request, answer) => {
      answer.flushHeaders();
      answers.resolve((text) => void answer.write(text));
    });
    const heard = Promise.withResolvers<unknown>();
    const end = failure(transport.lines('/x', { stall: 1_000, onLine: heard.resolve }, never));
    const write = await answers.promise;
    await timers.untilWaiting(1_000);
    timers.advance(900);
    write('{"a":1}\n');
    expect(await heard.promise).toEqual({ a: 1 });
    timers.advance(999);
    await timers.untilWaiting(1);
    timers.advance(1);
    expect((await end).message).toBe('Nothing heard from the API server for 1 s');
  });

  it('does not swallow a line without end', async () => {
    const endless = async function* (): AsyncGenerator<Buffer> {
      for (;;) yield Buffer.alloc(100, 'x');
    };
    const read = async (): Promise<void> => {
      for await (const line of splitLines(endless(), 1_000)) expect.unreachable(line);
    };
    await expect(read()).rejects.toThrow('longer than 1000 characters');
  });
});
