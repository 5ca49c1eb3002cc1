import { posix } from 'node:path';
import { locate, nameOfKind } from '../host/host-files.ts';

/**
 * The state of the sentinel file; `path` is its path below the root, with the links of its directory
 * resolved.
 */
export type Sentinel =
  | { readonly required: 'yes'; readonly since: number; readonly path: string }
  | { readonly required: 'no' }
  | { readonly required: 'unknown'; readonly reason: string };

/**
 * Reads the sentinel. Only a regular file means yes, and only a file absent from a readable directory means
 * no. Everything else (a missing mount, a permission, a broken link) is unknown.
 */
export async function readSentinel(root: string, sentinel: string): Promise<Sentinel> {
  const directory = posix.dirname(sentinel);
  const located = await locate(root, directory);
  const problem = directoryProblem(located, directory);
  if (problem !== undefined) return unknown(problem);
  const inRoot = located.kind === 'found' ? located.inRoot : directory;
  const path = posix.join(inRoot, posix.basename(sentinel));
  const found = await locate(root, path);
  if (found.kind === 'absent') return { required: 'no' };
  if (found.kind === 'dangling') return unknown(`${sentinel} is a link that leads nowhere`);
  if (found.kind === 'unreadable') return unknown(`${sentinel} cannot be looked at (${found.code})`);
  if (!found.stats.isFile()) return unknown(`${sentinel} is ${nameOfKind(found.stats)}, not a file`);
  return { required: 'yes', since: found.stats.mtimeMs, path };
}

const unknown = (reason: string): Sentinel => ({ required: 'unknown', reason });

function directoryProblem(
  located: Awaited<ReturnType<typeof locate>>,
  directory: string,
): string | undefined {
  if (located.kind === 'unreadable')
    return `The host's directory ${directory} cannot be looked at (${located.code})`;
  if (located.kind !== 'found') return `The host's directory ${directory} is not there`;
  return located.stats.isDirectory()
    ? undefined
    : `The host's ${directory} is ${nameOfKind(located.stats)}, not a directory`;
}
