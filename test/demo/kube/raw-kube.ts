import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { createInterface } from 'node:readline';
import { isObject, type Json, type JsonObject, listAt, textAt } from '../../../demo/kube/json.ts';

/** A client without interpretation: tests see the server's responses as they are. */
export interface RawAnswer {
  readonly status: number;
  readonly body: JsonObject;
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export interface RawWatch {
  /** The next event; rejects when the watch ends or nothing comes in time. */
  next(): Promise<{ readonly type: string; readonly object: JsonObject }>;
  /** Settles when the server has ended the watch. */
  readonly ended: Promise<void>;
  readonly status: number;
  close(): void;
}

export interface RawKube {
  send(method: string, path: string, body?: Json, contentType?: string): Promise<RawAnswer>;
  watch(path: string): Promise<RawWatch>;
}

export const jsonPatch = 'application/json-patch+json';
export const mergePatch = 'application/merge-patch+json';
export const strategicPatch = 'application/strategic-merge-patch+json';

const deadline = 60_000;

/** `as`: further headers, such as those of impersonation. */
export function rawKube(
  url: string,
  token: string | undefined,
  as: Readonly<Record<string, string>> = {},
): RawKube {
  const request = url.startsWith('https:') ? httpsRequest : httpRequest;
  const auth: Record<string, string> =
    token === undefined ? { ...as } : { ...as, authorization: `Bearer ${token}` };
  // The certificate of a control plane that a test starts is its own.
  const options = { rejectUnauthorized: false, timeout: deadline };
  return {
    send: (method, path, body, contentType = 'application/json') =>
      new Promise((resolve, reject) => {
        const text = body === undefined ? undefined : JSON.stringify(body);
        const length =
          text === undefined
            ? {}
            : { 'content-type': contentType, 'content-length': Buffer.byteLength(text) };
        const headers = { ...auth, ...length };
        const outgoing = request(new URL(path, url), { ...options, method, headers }, (response) => {
          const chunks: Buffer[] = [];
          response.on('data', (chunk: Buffer) => chunks.push(chunk));
          response.on('error', reject);
          response.on('end', () => {
            const text = Buffer.concat(chunks).toString();
            resolve({
              status: response.statusCode ?? 0,
              body: parsed(text),
              text,
              headers: response.headers,
            });
          });
        });
        outgoing.on('error', reject);
        outgoing.end(text);
      }),
    watch: (path) =>
      new Promise((resolve, reject) => {
        const outgoing = request(
          new URL(path, url),
          { rejectUnauthorized: false, headers: auth },
          (response) => {
            const events: JsonObject[] = [];
            const waiting: ((event: JsonObject) => void)[] = [];
            const ended = Promise.withResolvers<void>();
            response.on('close', () => ended.resolve());
            response.on('error', () => ended.resolve());
            const lines = createInterface({ input: response });
            lines.on('error', () => ended.resolve());
            lines.on('line', (line) => {
              const event = parsed(line);
              const waiter = waiting.shift();
              if (waiter === undefined) events.push(event);
              else waiter(event);
            });
            const next = (): Promise<JsonObject> => {
              const event = events.shift();
              return event === undefined
                ? within(new Promise((take) => waiting.push(take)))
                : Promise.resolve(event);
            };
            resolve({
              status: response.statusCode ?? 0,
              ended: ended.promise,
              close: () => outgoing.destroy(),
              async next() {
                const event = await next();
                const object = event['object'];
                return { type: textAt(event, 'type'), object: isObject(object) ? object : {} };
              },
            });
          },
        );
        outgoing.on('error', reject);
        outgoing.end();
      }),
  };
}

function parsed(text: string): JsonObject {
  try {
    const value: Json = JSON.parse(text);
    return isObject(value) ? value : {};
  } catch {
    return {};
  }
}

export function within<T>(promise: Promise<T>, milliseconds = deadline): Promise<T> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(
    () => late.reject(new Error(`nothing came within ${milliseconds} ms`)),
    milliseconds,
  );
  return Promise.race([promise, late.promise]).finally(() => clearTimeout(timer));
}

export const messageOf = (answer: RawAnswer): string => textAt(answer.body, 'message');
export const reasonOf = (answer: RawAnswer): string => textAt(answer.body, 'reason');
export const versionOf = (answer: RawAnswer): string => textAt(answer.body, 'metadata', 'resourceVersion');
export const uidOf = (answer: RawAnswer): string => textAt(answer.body, 'metadata', 'uid');
export const namesOf = (answer: RawAnswer): readonly string[] =>
  listAt(answer.body, 'items').map((item) => textAt(item, 'metadata', 'name'));
