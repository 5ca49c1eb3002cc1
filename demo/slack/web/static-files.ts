import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Route } from './http-server.ts';
import { pageHeaders, refusalOf } from './page-guard.ts';

const types: Readonly<Record<string, string>> = {
  html: 'text/html; charset=utf-8',
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
};

/** The files of the page and of its two folders: no other path, so that none can leave the directory. */
export const staticFiles =
  (directory: string): Route =>
  async (request, response, url) => {
    const name = url.pathname === '/' ? 'index.html' : url.pathname.slice(1);
    const type = /^(?:styles\/|blocks\/)?[a-z][a-z-]*\.(html|css|js|svg)$/.exec(name)?.[1];
    const refusal = refusalOf(request);
    if (refusal !== undefined || type === undefined || request.method !== 'GET') {
      response.writeHead(refusal === undefined ? 404 : 403, { ...pageHeaders }).end();
      return;
    }
    const content = await readFile(join(directory, name)).catch((error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
      throw error;
    });
    response.writeHead(content === undefined ? 404 : 200, {
      ...pageHeaders,
      'content-type': types[type] ?? '',
    });
    response.end(content);
  };
