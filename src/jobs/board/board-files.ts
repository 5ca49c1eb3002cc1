/** The files of bull-board's page: only those that its folder has at the start are served. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';

export interface BoardFiles {
  /** What the page loads before anything else, in order. */
  readonly styles: readonly string[];
  readonly scripts: readonly string[];
  /** Undefined for an unknown path. `path`: such as static/js/main.js. */
  read(path: string): { readonly type: string; readonly content: Uint8Array } | undefined;
}

const types: Readonly<Record<string, string>> = {
  js: 'text/javascript; charset=utf-8',
  css: 'text/css; charset=utf-8',
  json: 'application/json; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
  ico: 'image/x-icon',
};

export function boardFiles(folder: string): BoardFiles {
  // The template of the page names them, with a hash in each; it names fonts of another site as well.
  const template = readFileSync(join(folder, 'index.ejs'), 'utf8');
  const named = (pattern: RegExp): readonly string[] =>
    [...template.matchAll(pattern)].flatMap(([, path]) => path ?? []);
  const known = new Map(
    readdirSync(join(folder, 'static'), { recursive: true, withFileTypes: true }).flatMap((entry) => {
      const path = join(entry.parentPath, entry.name);
      const type = types[/\.(\w+)$/.exec(entry.name)?.[1] ?? ''];
      return entry.isFile() && type !== undefined ? [[relative(folder, path), { path, type }] as const] : [];
    }),
  );
  return {
    styles: named(/<link href="(static\/css\/[\w./-]+)"/g),
    scripts: named(/<script defer src="(static\/js\/[\w./-]+)"/g),
    read: (path) => {
      const file = known.get(path);
      return file === undefined ? undefined : { type: file.type, content: readFileSync(file.path) };
    },
  };
}
