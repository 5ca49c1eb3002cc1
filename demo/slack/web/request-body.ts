import type { IncomingMessage } from 'node:http';
import { isObject, parseJson, type Json, type JsonObject } from '../json.ts';

const maxBytes = 5_000_000;

export type Body =
  | { readonly fields: Readonly<Record<string, Json>> }
  | { readonly error: 'too_large' | 'invalid_json' | 'invalid_form_data' };

/** A form, JSON or multipart body as one flat record, including the query string. */
export async function readBody(request: IncomingMessage, query: URLSearchParams): Promise<Body> {
  const bytes = await readBytes(request);
  if (bytes === undefined) return { error: 'too_large' };
  const read = await fieldsOf(bytes, request.headers['content-type'] ?? '');
  return typeof read === 'string' ? { error: read } : { fields: { ...Object.fromEntries(query), ...read } };
}

async function fieldsOf(
  bytes: Buffer,
  contentType: string,
): Promise<JsonObject | 'invalid_json' | 'invalid_form_data'> {
  if (bytes.length === 0) return {};
  if (contentType.startsWith('application/json')) {
    const body = parseJson(bytes.toString());
    return isObject(body) ? body : 'invalid_json';
  }
  if (!contentType.startsWith('multipart/form-data')) {
    return Object.fromEntries(new URLSearchParams(bytes.toString()));
  }
  try {
    const response = new Response(new Uint8Array(bytes), { headers: { 'content-type': contentType } });
    const form = await response.formData();
    return Object.fromEntries(
      [...form].flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
    );
  } catch {
    return 'invalid_form_data';
  }
}

async function readBytes(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    // Read to the end: a client can only receive a response once it has finished sending.
    if (size <= maxBytes) chunks.push(chunk);
  }
  return size > maxBytes ? undefined : Buffer.concat(chunks);
}
