import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { TarEntry } from './tar.ts';

const run = promisify(execFile);

/**
 * The shared libraries of the programs and the loader, under the paths by which they are loaded; each once.
 */
export async function libraryFiles(...programs: readonly string[]): Promise<readonly TarEntry[]> {
  const paths = await Promise.all(programs.map(libraryPaths));
  return [...new Set(paths.flat())].toSorted().map((path) => hostFile(path, path.slice(1), 0o755));
}

async function libraryPaths(program: string): Promise<readonly string[]> {
  const { stdout } = await run('ldd', [program]).catch((error: unknown) => {
    throw new Error(`ldd cannot read ${program}`, { cause: error });
  });
  const missing = stdout.split('\n').filter((line) => line.includes('not found'));
  if (missing.length > 0) throw new Error(`${program} misses libraries here: ${missing.join(', ').trim()}`);
  // "libc.so.6 => /lib/…/libc.so.6 (0x…)", or the loader alone: "/lib64/ld-linux-x86-64.so.2 (0x…)".
  return [...stdout.matchAll(/(?:=> |^\s+)(\/\S+) \(0x/gm)].map(([, path]) => path ?? '');
}

export const hostFile = (from: string, path: string, mode = 0o644): TarEntry => ({
  path,
  kind: 'file',
  mode,
  content: readFileSync(from),
});

export const textFile = (path: string, lines: readonly string[]): TarEntry => ({
  path,
  kind: 'file',
  content: Buffer.from(lines.map((line) => `${line}\n`).join('')),
});

/** The accounts of the image, and its lookup of host names. */
export const accountFiles = (name: string, id: number): readonly TarEntry[] => [
  textFile('etc/passwd', [
    'root:x:0:0:root:/root:/sbin/nologin',
    `${name}:x:${id}:${id}:${name}:/home/${name}:/sbin/nologin`,
  ]),
  textFile('etc/group', ['root:x:0:', `${name}:x:${id}:`]),
  textFile('etc/nsswitch.conf', ['hosts: files dns']),
  { path: `home/${name}`, kind: 'folder', owner: id },
  { path: 'root', kind: 'folder', mode: 0o700 },
  { path: 'tmp', kind: 'folder', mode: 0o1777 },
];
