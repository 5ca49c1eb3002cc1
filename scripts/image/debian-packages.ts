import { execFile } from 'node:child_process';
import { existsSync, realpathSync } from 'node:fs';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface DebianPackage {
  readonly name: string;
  readonly version: string;
  readonly architecture: string;
  /** Path of its copyright file on this system, if it is installed. */
  readonly copyright?: string;
}

/** The packages of this Debian that own the files, by name. A file that no package owns is left out. */
export async function debianPackages(files: readonly string[]): Promise<readonly DebianPackage[]> {
  const names = new Set((await Promise.all(files.map(ownerOf))).filter((name) => name !== undefined));
  return Promise.all([...names].toSorted().map(describe));
}

/** dpkg knows a file by the path under which its package ships it, before or after the merge of /usr. */
async function ownerOf(file: string): Promise<string | undefined> {
  const real = existsSync(file) ? realpathSync(file) : file;
  const paths = [file, real, ...[file, real].map((path) => path.replace(/^\/usr(?=\/)/, ''))];
  for (const path of new Set(paths)) {
    // dpkg-query fails for a file that it does not know.
    const { stdout } = await run('dpkg-query', ['-S', path]).catch(() => ({ stdout: '' }));
    const [owner] = stdout.split(': ');
    if (owner !== undefined && owner !== '' && !owner.startsWith('diversion')) return owner;
  }
  return undefined;
}

async function describe(owner: string): Promise<DebianPackage> {
  const { stdout } = await run('dpkg-query', ['-W', '-f', '${Package} ${Version} ${Architecture}', owner]);
  const [name = owner, version = '', architecture = ''] = stdout.split(' ');
  const copyright = `/usr/share/doc/${name}/copyright`;
  return { name, version, architecture, ...(existsSync(copyright) ? { copyright } : {}) };
}
