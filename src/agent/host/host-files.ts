import { constants, type Stats } from 'node:fs';
import { lstat, open, readlink, stat } from 'node:fs/promises';
import { join } from 'node:path';

export type Located =
  | { readonly kind: 'found'; readonly path: string; readonly inRoot: string; readonly stats: Stats }
  | { readonly kind: 'absent' }
  /** A symbolic link on the way has no target, or its target is not mounted here. */
  | { readonly kind: 'dangling' }
  | { readonly kind: 'unreadable'; readonly code: string };

/** The limit of Linux itself (path_resolution(7)). */
const mostLinks = 40;

/**
 * Resolves `name` below `root` as the host would: symbolic links are followed as if `root` were `/`. An
 * absolute link on the host therefore resolves to the host's file, and never to a file of the agent's
 * container, which holds its token.
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

/** The code of a file system error (`EACCES`), or the name of the error. */
export function codeOf(error: unknown): string {
  if (error instanceof Error)
    return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return 'unknown';
}

export type Content =
  | { readonly kind: 'content'; readonly bytes: Buffer; readonly cut: boolean }
  | { readonly kind: 'not-a-file' };

/** The first `limit` bytes of a file. Rejects with the error of the file system. */
export async function readBounded(path: string, limit: number): Promise<Content> {
  // Non-blocking: opening a named pipe for reading would otherwise block until a process writes to it.
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) return { kind: 'not-a-file' };
    // Files in /proc report a size of 0, so the size from stat is not used.
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

/** The content of a one-line file, such as those in /proc, without the white space around it. */
export async function readWord(path: string, limit = 256): Promise<string> {
  const content = await readBounded(path, limit);
  return content.kind === 'content' ? content.bytes.toString('utf8').trim() : '';
}

/** The file type at a path, for a message. */
export function nameOfKind(stats: Stats): string {
  if (stats.isFile()) return 'a file';
  if (stats.isDirectory()) return 'a directory';
  if (stats.isFIFO()) return 'a named pipe';
  if (stats.isSocket()) return 'a socket';
  return 'a device';
}
