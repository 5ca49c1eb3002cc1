import { request } from 'node:http';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import { post, start } from './api-client.ts';
import { createStillWorld, type StillWorld } from './still-world.ts';

let slack: FakeSlack;
let world: StillWorld;

beforeEach(async () => {
  world = createStillWorld();
  slack = await start({ world });
});
afterEach(() => slack.close());

type Headers = Readonly<Record<string, string>>;

interface Got {
  readonly status: number;
  readonly headers: Readonly<Record<string, unknown>>;
  readonly body: string;
}

/** A bare request: `fetch` would not let a test forge Host. */
const send = (
  path: string,
  options: { method?: string; headers?: Headers; body?: string } = {},
): Promise<Got> =>
  new Promise((resolve, reject) => {
    const url = new URL(path, slack.url);
    const sent = request(
      url,
      { method: options.method ?? 'GET', headers: options.headers ?? {} },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('end', () =>
          resolve({
            status: response.statusCode ?? 0,
            headers: response.headers,
            body: Buffer.concat(chunks).toString(),
          }),
        );
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });

const own = (): Headers => ({ origin: slack.url.replace(/\/$/, ''), 'content-type': 'application/json' });
const upgrade = (headers: Headers) =>
  send('/act/upgrade', { method: 'POST', headers, body: JSON.stringify({ node: 'worker-1' }) });

describe('who may act on the page', () => {
  test('the page itself may', async () => {
    expect((await upgrade(own())).status).toBe(200);
    expect(world.upgraded).toEqual(['worker-1']);
  });

  test.each<[string, () => Headers]>([
    ['a page of another origin', () => ({ ...own(), origin: 'https://evil.example' })],
    ['a request without an origin', () => ({ 'content-type': 'application/json' })],
    ['a form, which needs no preflight', () => ({ ...own(), 'content-type': 'text/plain' })],
    [
      'a name that was pointed at loopback',
      () => ({ ...own(), host: 'evil.example', origin: 'http://evil.example' }),
    ],
    [
      'a request that the browser marks as from elsewhere',
      () => ({ ...own(), 'sec-fetch-site': 'cross-site' }),
    ],
  ])('%s may not', async (_, headers) => {
    expect((await upgrade(headers())).status).toBe(403);
    expect(world.upgraded).toEqual([]);
  });

  test('the event stream is for this origin, and for people who exist', async () => {
    expect((await send('/events?user=U0MIA', { headers: { host: 'evil.example' } })).status).toBe(403);
    expect(
      (
        await send('/events?user=U0MIA', {
          headers: { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'cors' },
        })
      ).status,
    ).toBe(403);
    expect((await send('/events?user=U0NOBODY')).status).toBe(403);
  });

  test('nobody closes the modal of somebody else', async () => {
    const body = JSON.stringify({ user: 'U0LEE', view: 'V0UNKNOWN' });
    const answer = await send('/act/close', { method: 'POST', headers: own(), body });
    expect([answer.status, answer.body]).toEqual([409, '{"ok":false,"error":"this view is closed"}']);
  });
});

describe('the files of the page', () => {
  test('come with a policy that lets nothing in from outside', async () => {
    const { status, headers, body } = await send('/');
    expect(status).toBe(200);
    expect(headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(headers['content-security-policy']).not.toMatch(/unsafe|http/);
    expect(body).not.toMatch(/https?:\/\/|<script>|style="|onclick/);
  });

  test.each([
    '/../slack.ts',
    '/%2e%2e/slack.ts',
    '/page/page.js',
    '/blocks/../page.js.map',
    '/styles/..%2fslack.ts',
    '/blocks/blocks/blocks.js',
    '/nothing.js',
    '/.env',
  ])('%s is not there', async (path) => {
    expect((await send(path)).status).toBe(404);
  });
});

describe('the event stream', () => {
  /** Reads events until one fits. */
  const read = async (
    user: string,
    fits: (event: Record<string, unknown>) => boolean,
    act: () => unknown,
  ) => {
    const controller = new AbortController();
    const response = await fetch(`${slack.url}events?user=${user}`, { signal: controller.signal });
    const decoder = new TextDecoder();
    let rest = '';
    let acted = false;
    try {
      for await (const chunk of response.body ?? []) {
        rest += decoder.decode(chunk as Uint8Array, { stream: true });
        const events = rest.split('\n\n');
        rest = events.pop() ?? '';
        const found = events.map(
          (event) => JSON.parse(event.slice('data: '.length)) as Record<string, unknown>,
        );
        const hit = found.find(fits);
        if (hit !== undefined) return hit;
        if (!acted) await act();
        acted = true;
      }
    } finally {
      controller.abort();
    }
    throw new Error('the stream ended');
  };

  test('begins with everything that this person may see', async () => {
    await post(slack, { text: 'hello *you*' });
    const state = await read(
      'U0MIA',
      ({ kind }) => kind === 'state',
      () => undefined,
    );
    expect(state).toMatchObject({
      me: 'U0MIA',
      messages: [{ nodes: [{ t: 'text' }, { t: 'bold' }] }],
      world: { nodes: [{ name: 'cp-1' }, {}, {}, {}] },
    });
    expect(JSON.stringify(state)).not.toContain('incident-review');
    expect(JSON.stringify(state)).not.toMatch(/xox[bp]-|xapp-/);
  });

  test('pushes a reply together with its parent', async () => {
    const ts = await post(slack, { text: 'card' });
    const event = await read(
      'U0MIA',
      ({ message }) => (message as { ts?: string } | undefined)?.ts === ts,
      () => post(slack, { text: 'reply', thread_ts: ts }),
    );
    expect(event).toMatchObject({ kind: 'message', message: { replies: 1, repliers: [slack.botUser] } });
  });

  test('pushes what moves in the cluster', async () => {
    const event = await read(
      'U0MIA',
      ({ kind }) => kind === 'world',
      () => world.change('worker-2', { cordoned: true }),
    );
    expect(JSON.stringify(event)).toContain('"cordoned":true');
  });
});
