import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { hostFile } from './program-files.ts';
import type { TarEntry } from './tar.ts';

/** The folders of an installed npm package and of everything that it depends on. */
export function packageFolders(name: string, root: string): readonly string[] {
  const folders = new Set<string>();
  collect(name, root, folders);
  return [...folders];
}

/** The files of these packages, without those that Node does not load. */
export const packageFiles = (folders: readonly string[], root: string): readonly TarEntry[] =>
  folders.flatMap((folder) => filesOf(folder, root));

function collect(name: string, from: string, folders: Set<string>): void {
  const folder = installed(name, from);
  if (folder === undefined || folders.has(folder)) return;
  folders.add(folder);
  const { dependencies = {} } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    dependencies?: Record<string, string>;
  };
  for (const dependency of Object.keys(dependencies)) collect(dependency, folder, folders);
}

/** Node's resolution: each node_modules on the way up. */
function installed(name: string, from: string): string | undefined {
  const folder = join(from, 'node_modules', name);
  if (existsSync(join(folder, 'package.json'))) return folder;
  return dirname(from) === from ? undefined : installed(name, dirname(from));
}

const loaded = /(\.([cm]?js|json)|LICENSE(\.md)?)$/;

/** Every file below a folder of the project. */
export const filesBelow = (folder: string, root: string): readonly TarEntry[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted()
    .map((file) => hostFile(file, join('app', relative(root, file))));

function filesOf(folder: string, root: string): readonly TarEntry[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && loaded.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !relative(folder, file).includes('node_modules'))
    .map((file) => hostFile(file, join('app', relative(root, file))));
}
