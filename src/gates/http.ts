/** One HTTP request to a service named by the operator. Failure messages contain no address and no secret. */
import { Agent, type Dispatcher, EnvHttpProxyAgent, getGlobalDispatcher, request } from 'undici';
import type { HttpAccess } from '../reboot/policy/pool-gates.ts';
import { second } from '../reboot/time/time.ts';

export interface HttpCall {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Appended to the path of the configured address. */
  readonly path?: string;
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly timeout: number;
}

export type HttpAnswer =
  | { readonly ok: true; readonly status: number; readonly text: string }
  | { readonly ok: false; readonly problem: string };

export type ReadFile = (path: string) => string;

const largest = 5_000_000;
export const usualTimeout = 10 * second;

export interface HttpClient {
  /** Never rejects: a failure is a problem in words. */
  call(access: HttpAccess, call: HttpCall): Promise<HttpAnswer>;
  close(): Promise<void>;
}

/** Files are read for each call, because mounted Secrets are rotated. */
export function httpClient(readFile: ReadFile): HttpClient {
  const agents = new Map<string, Agent>();
  const agentFor = (ca: string | undefined): Dispatcher => {
    // A service with an authority of its own is inside, and is asked directly.
    const shared = getGlobalDispatcher();
    if (ca === undefined && shared instanceof EnvHttpProxyAgent) return shared;
    const key = ca ?? '';
    const known = agents.get(key);
    if (known) return known;
    const made = new Agent(ca === undefined ? {} : { connect: { ca } });
    agents.set(key, made);
    return made;
  };
  return {
    async call(access, call) {
      const secrets = readSecrets(access, readFile);
      if ('problem' in secrets) return { ok: false, problem: secrets.problem };
      try {
        return await send(access, call, { ...secrets, dispatcher: agentFor(secrets.ca) });
      } catch (error) {
        return { ok: false, problem: failureOf(error) };
      }
    },
    async close() {
      await Promise.all([...agents.values()].map((agent) => agent.destroy()));
    },
  };
}

interface Secrets {
  readonly ca?: string;
  readonly authorization?: string;
}

function readSecrets(
  { caFile, auth }: HttpAccess,
  readFile: ReadFile,
): Secrets | { readonly problem: string } {
  try {
    return {
      ...(caFile === undefined ? {} : { ca: readFile(caFile) }),
      ...(auth === undefined ? {} : { authorization: authorization(auth, readFile) }),
    };
  } catch {
    const files = [caFile, auth?.kind === 'bearer' ? auth.tokenFile : auth?.passwordFile];
    return {
      problem: `one of its files cannot be read (${files.filter((file) => file !== undefined).join(', ')})`,
    };
  }
}

function authorization(auth: NonNullable<HttpAccess['auth']>, readFile: ReadFile): string {
  if (auth.kind === 'bearer') return `Bearer ${readFile(auth.tokenFile).trim()}`;
  const pair = `${auth.username}:${readFile(auth.passwordFile).trimEnd()}`;
  return `Basic ${Buffer.from(pair).toString('base64')}`;
}

async function send(
  { url, headers }: HttpAccess,
  call: HttpCall,
  { authorization, dispatcher }: Secrets & { readonly dispatcher: Dispatcher },
): Promise<HttpAnswer> {
  const address = new URL(url);
  address.pathname = address.pathname.replace(/\/$/, '') + (call.path ?? '');
  for (const [name, value] of Object.entries(call.query ?? {})) address.searchParams.set(name, value);
  const response = await request(address, {
    dispatcher,
    method: call.method,
    headers: {
      accept: 'application/json',
      ...headers,
      ...call.headers,
      ...(authorization === undefined ? {} : { authorization }),
    },
    body: call.body ?? null,
    // For the whole exchange, including a body that arrives slowly.
    signal: AbortSignal.timeout(call.timeout),
  });
  const pieces: Buffer[] = [];
  let size = 0;
  for await (const piece of response.body as AsyncIterable<Buffer>) {
    size += piece.byteLength;
    if (size > largest) return { ok: false, problem: 'its answer is larger than 5 MB' };
    pieces.push(piece);
  }
  const text = withoutCredentials(Buffer.concat(pieces).toString('utf8'), authorization);
  return { ok: true, status: response.statusCode, text };
}

/** People read parts of the text, and a service may repeat what it was sent. */
function withoutCredentials(text: string, authorization: string | undefined): string {
  if (authorization === undefined) return text;
  const [, credentials = ''] = authorization.split(' ');
  const pair = authorization.startsWith('Basic ') ? Buffer.from(credentials, 'base64').toString() : '';
  const secrets = [credentials, pair, pair.slice(pair.indexOf(':') + 1)];
  return secrets
    .filter((secret) => secret.length > 3)
    .reduce((safe, secret) => safe.replaceAll(secret, '[secret]'), text);
}

/** Error messages may contain the address or a proxy's text; names and codes do not. */
function failureOf(error: unknown): string {
  if (!(error instanceof Error)) return 'it cannot be reached';
  if (error.name === 'TimeoutError') return 'it does not answer in time';
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' && /^[A-Z_]+$/.test(code)
    ? `it cannot be reached (${code})`
    : 'it cannot be reached';
}
