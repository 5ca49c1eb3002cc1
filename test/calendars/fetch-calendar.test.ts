import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { fetchCalendarWith } from '../../src/calendars/fetch-calendar.ts';

const never = new AbortController().signal;
const open: (() => void)[] = [];
afterEach(() => {
  for (const close of open.splice(0)) close();
});

/** A server on loopback that remembers what it was asked. */
async function aServer(answer: (request: IncomingMessage, response: ServerResponse) => void) {
  const asked: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    asked.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  open.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/secret-1234.ics`, asked };
}

const fetchCalendar = fetchCalendarWith(fetch, 60_000);
const read = (url: string, known?: Record<string, string>) =>
  fetchCalendar({ url, plainHttp: false, known }, never);

describe('a calendar from a server', () => {
  it('comes with the marks by which the next time asks only for a change', async () => {
    const { url, asked } = await aServer((request, response) => {
      if (request.headers['if-none-match'] === '"v1"') response.writeHead(304).end();
      else
        response
          .writeHead(200, { etag: '"v1"', 'last-modified': 'Mon, 23 Nov 2026 00:00:00 GMT' })
          .end('text');
    });
    const first = await read(url);
    expect(first).toEqual({
      kind: 'text',
      text: 'text',
      validators: { etag: '"v1"', modified: 'Mon, 23 Nov 2026 00:00:00 GMT' },
    });
    expect(await read(url, first.kind === 'text' ? first.validators : undefined)).toEqual({ kind: 'same' });
    expect(asked[0]?.headers.authorization).toBeUndefined();
    expect(asked[1]?.headers['if-modified-since']).toBe('Mon, 23 Nov 2026 00:00:00 GMT');
  });

  it('is fetched with the password of its address, which goes to no other server', async () => {
    const other = await aServer((_, response) => void response.end('there'));
    const { url, asked } = await aServer(
      (_, response) => void response.writeHead(302, { location: other.url }).end(),
    );
    expect(await read(url.replace('http://', 'http://mia:s%C3%A9cret@'))).toMatchObject({ text: 'there' });
    const sent = Buffer.from('mia:sécret').toString('base64');
    expect(asked[0]?.headers.authorization).toBe(`Basic ${sent}`);
    expect(other.asked[0]?.headers.authorization).toBeUndefined();
  });

  it.each([404, 401, 500])('says that its server answers %s', async (status) => {
    const { url } = await aServer((_, response) => void response.writeHead(status).end('Sign in'));
    expect(await read(url)).toEqual({ kind: 'problem', problem: `its server answers with status ${status}` });
  });

  it('is cut off when it is larger than a calendar can be, whatever its length was said to be', async () => {
    const { url } = await aServer((_, response) => {
      response.writeHead(200);
      const more = (): void => {
        while (!response.destroyed && response.write('x'.repeat(64 * 1024)));
      };
      response.on('drain', more);
      more();
    });
    expect(await read(url)).toEqual({ kind: 'problem', problem: 'it is larger than 1 MB' });
  });

  it('is given up when its server says nothing, or says it too slowly', async () => {
    const { url } = await aServer((request, response) => {
      if (request.url === '/slow') response.writeHead(200).write('BEGIN:');
    });
    const impatient = fetchCalendarWith(fetch, 200);
    for (const place of [url, url.replace('/secret-1234.ics', '/slow')])
      expect(await impatient({ url: place, plainHttp: false, known: undefined }, never)).toEqual({
        kind: 'problem',
        problem: 'its server does not answer in time',
      });
  });

  it('is not led in circles, nor from its place to one that others can read along with', async () => {
    const circle = await aServer(
      (request, response) => void response.writeHead(302, { location: request.url }).end(),
    );
    expect(await read(circle.url)).toEqual({
      kind: 'problem',
      problem: 'its address leads on more than 5 times',
    });
    const away = await aServer(
      (_, response) => void response.writeHead(302, { location: 'http://calendar.example.com/' }).end(),
    );
    expect(await read(away.url)).toEqual({
      kind: 'problem',
      problem: 'its address leads to one that is not https',
    });
  });

  it.each([
    ['http://calendar.example.com/secret.ics', 'its address leads to one that is not https'],
    ['file:///etc/passwd', 'its address leads to one that is not https'],
    ['no address', 'its address is none'],
    ['http://127.0.0.1:1/secret.ics', 'its server cannot be reached'],
  ])('never repeats its address: %s', async (url, problem) => {
    const answer = await read(url);
    expect(answer.kind).toBe('problem');
    const said = answer.kind === 'problem' ? answer.problem : '';
    expect(said.startsWith(problem)).toBe(true);
    expect(said).not.toMatch(/secret|passwd|example/);
  });
});
