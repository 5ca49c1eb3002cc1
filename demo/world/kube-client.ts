import { Agent, type IncomingMessage, request } from 'node:http';
import { createInterface } from 'node:readline';
import { isObject, type Json, type JsonObject, listAt, textAt } from '../kube/json.ts';

/** The API client of the simulated machines: HTTP and JSON only. */
export interface Answer {
  readonly status: number;
  readonly body: JsonObject;
}

export interface WatchedEvent {
  readonly type: string;
  readonly object: JsonObject;
}

export interface KubeClient {
  send(method: string, path: string, body?: Json, contentType?: string): Promise<Answer>;
  list(path: string): Promise<{ readonly items: readonly JsonObject[]; readonly version: string }>;
  /** Resolves when the server ends it; throws when the connection breaks. */
  watch(path: string, onEvent: (event: WatchedEvent) => void, signal: AbortSignal): Promise<void>;
  close(): void;
}

export interface Access {
  readonly url: string;
  readonly token: string;
}

export const patchTypes = {
  merge: 'application/merge-patch+json',
  strategic: 'application/strategic-merge-patch+json',
  json: 'application/json-patch+json',
} as const;

interface Sending {
  readonly body?: Json | undefined;
  readonly contentType?: string | undefined;
  readonly signal?: AbortSignal;
}

type Open = (method: string, path: string, sending: Sending) => Promise<IncomingMessage>;

export function createKubeClient({ url, token, name }: Access & { readonly name: string }): KubeClient {
  const agent = new Agent({ keepAlive: true });
  const base = { authorization: `Bearer ${token}`, accept: 'application/json', 'user-agent': name };
  const open: Open = (method, path, { body, contentType = 'application/json', signal }) =>
    new Promise((resolve, reject) => {
      const text = body === undefined ? undefined : JSON.stringify(body);
      // Without a content-length, Node sends the body of a DELETE without framing.
      const length =
        text === undefined ? {} : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) };
      const headers = { ...base, ...length };
      const abortable = signal === undefined ? {} : { signal };
      const outgoing = request(new URL(path, url), { method, agent, headers, ...abortable }, resolve);
      outgoing.on('error', reject);
      outgoing.end(text);
    });
  const send: KubeClient['send'] = (method, path, body, contentType) =>
    exchange(open, method, path, { body, contentType });
  return {
    send,
    async list(path) {
      const { status, body } = await send('GET', path);
      if (status !== 200) throw new Error(`list ${path}: ${status} ${textAt(body, 'message')}`);
      return {
        items: listAt(body, 'items').filter(isObject),
        version: textAt(body, 'metadata', 'resourceVersion'),
      };
    },
    watch: (path, onEvent, signal) => follow(open, path, onEvent, signal),
    close: () => agent.destroy(),
  };
}

async function exchange(open: Open, method: string, path: string, sending: Sending): Promise<Answer> {
  const response = await open(method, path, sending);
  const chunks: Buffer[] = [];
  for await (const chunk of response as AsyncIterable<Buffer>) chunks.push(chunk);
  return { status: response.statusCode ?? 0, body: readJson(Buffer.concat(chunks).toString()) };
}

async function follow(
  open: Open,
  path: string,
  onEvent: (event: WatchedEvent) => void,
  signal: AbortSignal,
): Promise<void> {
  const response = await open('GET', path, { signal });
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`watch ${path}: ${response.statusCode}`);
  }
  for await (const line of createInterface({ input: response })) {
    const event = readJson(line);
    const object = event['object'];
    if (isObject(object)) onEvent({ type: textAt(event, 'type'), object });
  }
}

function readJson(text: string): JsonObject {
  try {
    const value = JSON.parse(text) as Json;
    return isObject(value) ? value : {};
  } catch {
    // Plain text, as sent by the server's router for unknown paths.
    return { message: text };
  }
}
