import { largest, type Validators, type Read } from './ical/read.ts';

export interface FetchRequest {
  readonly url: string;
  readonly plainHttp: boolean;
  readonly known: Validators | undefined;
}

export type FetchCalendar = (request: FetchRequest, signal: AbortSignal) => Promise<Read>;

const longest = 20_000;
const mostRedirects = 5;

const problem = (text: string): Read => ({ kind: 'problem', problem: text });

/**
 * Fetches a calendar, or finds that it has not changed. Messages of failures never hold the URL, which often
 * serves as a password.
 */
export const fetchCalendarWith = (
  fetch: typeof globalThis.fetch,
  timeLimit: number = longest,
): FetchCalendar =>
  async function fetchCalendar({ url, plainHttp, known }, signal) {
    if (!URL.canParse(url)) return problem('its address is none');
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeLimit)]);
    let address = new URL(url);
    try {
      for (let hops = 0; hops <= mostRedirects; hops += 1) {
        if (!isAllowed(address, plainHttp)) return problem('its address leads to one that is not https');
        const response = await request(fetch, address, { known, first: hops === 0 }, limit);
        const next = redirectOf(response, address);
        if (next === undefined) return await answerOf(response);
        await response.body?.cancel();
        address = next;
      }
      return problem(`its address leads on more than ${mostRedirects} times`);
    } catch (error) {
      return problem(failureOf(error, limit));
    }
  };

const isLoopback = (host: string): boolean => /^(localhost|127(\.\d+){3}|\[::1\])$/.test(host);

const isAllowed = ({ protocol, hostname }: URL, plainHttp: boolean): boolean =>
  protocol === 'https:' || (protocol === 'http:' && (plainHttp || isLoopback(hostname)));

async function request(
  fetch: typeof globalThis.fetch,
  address: URL,
  { known, first }: { readonly known: Validators | undefined; readonly first: boolean },
  signal: AbortSignal,
): Promise<Response> {
  const plain = new URL(address);
  plain.username = '';
  plain.password = '';
  return fetch(plain.href, {
    signal,
    redirect: 'manual',
    headers: {
      accept: 'text/calendar, text/plain;q=0.5, */*;q=0.1',
      ...(known?.['etag'] === undefined ? {} : { 'if-none-match': known['etag'] }),
      ...(known?.['modified'] === undefined ? {} : { 'if-modified-since': known['modified'] }),
      // fetch refuses URLs with a password; the target of a redirect must not receive it.
      ...(first && address.username !== '' ? { authorization: basic(address) } : {}),
    },
  });
}

function basic({ username, password }: URL): string {
  const plain = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return `Basic ${Buffer.from(plain).toString('base64')}`;
}

function redirectOf({ status, headers }: Response, from: URL): URL | undefined {
  const location = headers.get('location');
  if (![301, 302, 303, 307, 308].includes(status) || location === null) return undefined;
  return URL.canParse(location, from.href) ? new URL(location, from) : undefined;
}

async function answerOf(response: Response): Promise<Read> {
  if (response.status === 304) return { kind: 'same' };
  if (response.status !== 200) {
    await response.body?.cancel();
    return problem(`its server answers with status ${response.status}`);
  }
  const text = await textOf(response);
  if (text === undefined) return problem('it is larger than 1 MB');
  const [etag, modified] = [response.headers.get('etag'), response.headers.get('last-modified')];
  const validators = {
    ...(etag === null ? {} : { etag }),
    ...(modified === null ? {} : { modified }),
  };
  return { kind: 'text', text, validators };
}

/** Read in chunks: the server's Content-Length need not be true. */
async function textOf({ body }: Response): Promise<string | undefined> {
  const pieces: Uint8Array[] = [];
  let size = 0;
  for await (const piece of body ?? []) {
    size += piece.byteLength;
    if (size > largest) return undefined;
    pieces.push(piece);
  }
  return Buffer.concat(pieces).toString('utf8');
}

/** The messages of fetch's errors may hold the URL; their codes do not. */
function failureOf(error: unknown, limit: AbortSignal): string {
  if (limit.aborted) return 'its server does not answer in time';
  const cause = error instanceof Error ? error.cause : undefined;
  const code =
    typeof cause === 'object' && cause !== null && 'code' in cause ? String(cause.code) : undefined;
  return code !== undefined && /^[A-Z_]+$/.test(code)
    ? `its server cannot be reached (${code})`
    : 'its server cannot be reached';
}
