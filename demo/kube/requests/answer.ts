import { type IncomingMessage, type ServerResponse } from 'node:http';
import { type Json, type JsonObject, numberAt } from '../json.ts';
import { badRequest, StatusError } from '../status-error.ts';

/** The real server's limit for a request body. */
const mostBytes = 3 * 1024 * 1024;

export async function readBody(request: IncomingMessage): Promise<Json | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > mostBytes) {
      throw new StatusError({
        code: 413,
        reason: 'RequestEntityTooLarge',
        message: `Request entity too large: limit is ${mostBytes}`,
      });
    }
    chunks.push(chunk);
  }
  const text = Buffer.concat(chunks).toString();
  if (text === '') return undefined;
  try {
    return JSON.parse(text) as Json;
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : 'no JSON';
    throw badRequest(`the object provided is unrecognized (must be of type JSON): ${why}`);
  }
}

export function sendJson(response: ServerResponse, code: number, body: JsonObject): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

export function sendText(response: ServerResponse, code: number, text: string): void {
  response.writeHead(code, { 'content-type': 'text/plain; charset=utf-8' });
  response.end(text);
}

/** A retry time in the Status is also sent as Retry-After: clients read either. */
export function sendError(response: ServerResponse, error: StatusError): void {
  const seconds = numberAt(error.status, 'details', 'retryAfterSeconds');
  if (seconds !== undefined) response.setHeader('retry-after', String(seconds));
  sendJson(response, error.code, error.status);
}
