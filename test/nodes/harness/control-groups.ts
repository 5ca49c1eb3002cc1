import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const home = '/sys/fs/cgroup';

/** Version 2 has one tree; version 1 has one for each controller. */
const trees = (): readonly string[] =>
  existsSync(join(home, 'cgroup.controllers'))
    ? [home]
    : readdirSync(home, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(home, name));

/** A kubelet wants the group that it is given to be there already, in every tree. */
export function makeControlGroup(path: string): void {
  for (const tree of trees()) {
    let folder = tree;
    for (const part of path.split('/')) {
      const parent = folder;
      folder = join(parent, part);
      mkdirSync(folder, { recursive: true });
      // A new cpuset has no processor and no memory, and nothing can run in it (cgroup-v1/cpusets).
      for (const file of ['cpuset.cpus', 'cpuset.mems']) inherit(parent, folder, file);
    }
  }
}

function inherit(parent: string, folder: string, file: string): void {
  if (!tree1(join(folder, file))) return;
  writeFileSync(join(folder, file), readFileSync(join(parent, file)));
}

/** Only version 1 has these files writable and empty from the start. */
const tree1 = (file: string): boolean => existsSync(file) && readFileSync(file, 'utf8').trim() === '';

/** False while something in it still runs. */
export function removeControlGroup(path: string): boolean {
  return trees().every((tree) => removeFolder(join(tree, path)));
}

function removeFolder(folder: string): boolean {
  if (!existsSync(folder)) return true;
  const inner = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  const empty = inner.map(({ name }) => removeFolder(join(folder, name))).every(Boolean);
  if (!empty) return false;
  try {
    rmdirSync(folder);
    return true;
  } catch {
    // A process that is just ending still counts.
    return false;
  }
}
