import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

export type Located =
  | { readonly kind: 'found'; readonly path: string; readonly inRoot: string; readonly stats: Stats }
  | { readonly kind: 'absent' }
  /** A link on the way leads nowhere, or out of what is mounted here. */
  | { readonly kind: 'dangling' }
  | { readonly kind: 'unreadable'; readonly code: string };

/** As many as Linux itself follows (path_resolution(7)). */
const mostLinks = 40;

/**
 * Finds `name` below `root` as the host would see it: links are followed as if `root` were `/`, so that an
 * absolute link on the host can neither be misread nor lead into the agent's own container, where its token
 * lies.
 */
export async function locate(root: string, name: string): Promise<Located> {
  const todo = partsOf(name);
  let done: string[] = [];
  let links = 0;
  try {
    await stat(root);
    for (let part = todo.shift(); part !== undefined; part = todo.shift()) {
      if (part === '..') {
        done.pop();
        continue;
      }
      const path = join(root, ...done, part);
      if (!(await lstat(path)).isSymbolicLink()) {
        done.push(part);
        continue;
      }
      links += 1;
      if (links > mostLinks) return { kind: 'unreadable', code: 'ELOOP' };
      const target = await readlink(path);
      if (target.startsWith('/')) done = [];
      todo.unshift(...partsOf(target));
    }
    const path = join(root, ...done);
    return {
      kind: 'found',
      path,
      inRoot: done.join('/'),
      stats: done.length === 0 ? await stat(path) : await lstat(path),
    };
  } catch (error) {
    const code = codeOf(error);
    if (code !== 'ENOENT' && code !== 'ENOTDIR') return { kind: 'unreadable', code };
    return links > 0 ? { kind: 'dangling' } : { kind: 'absent' };
  }
}

const partsOf = (path: string): string[] => path.split('/').filter((part) => part !== '' && part !== '.');

/** The code of a file system error (`EACCES`), or the error's name. */
export function codeOf(error: unknown): string {
  if (error instanceof Error)
    return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return 'unknown';
}

export type Content =
  | { readonly kind: 'content'; readonly bytes: Buffer; readonly cut: boolean }
  | { readonly kind: 'not-a-file' };

/** The first `limit` bytes of a file. Throws what the file system throws. */
export async function readBounded(path: string, limit: number): Promise<Content> {
  // Non-blocking, because opening a named pipe for reading would otherwise wait for a writer for ever.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return { kind: 'not-a-file' };
    // Files of /proc say that they are empty, so the size that is claimed is not asked.
    const buffer = Buffer.allocUnsafe(Math.min(limit + 1, firstRead));
    const pieces: Buffer[] = [];
    let total = 0;
    while (total <= limit) {
      const { bytesRead } = await file.read(buffer, 0, Math.min(buffer.length, limit + 1 - total), total);
      if (bytesRead === 0) break;
      pieces.push(Buffer.from(buffer.subarray(0, bytesRead)));
      total += bytesRead;
    }
    return { kind: 'content', bytes: Buffer.concat(pieces).subarray(0, limit), cut: total > limit };
  } finally {
    await file.close();
  }
}

const firstRead = 64 * 1024;

/** The one short line of a file such as those of /proc. */
export async function readWord(path: string, limit = 256): Promise<string> {
  const content = await readBounded(path, limit);
  return content.kind === 'content' ? content.bytes.toString('utf8').trim() : '';
}

/** What kind of thing lies at a path, in words. */
export function nameOfKind(stats: Stats): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
