import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const home = '/sys/fs/cgroup';

/** cgroup version 2 has one tree; version 1 has one for each controller. */
const trees = (): readonly string[] =>
  existsSync(join(home, 'cgroup.controllers'))
    ? [home]
    : readdirSync(home, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => join(home, name));

/** A kubelet requires that its group exists, in every tree. */
export function makeControlGroup(path: string): void {
  for (const tree of trees()) {
    let folder = tree;
    for (const part of path.split('/')) {
      const parent = folder;
      folder = join(parent, part);
      mkdirSync(folder, { recursive: true });
      // A new cpuset has no CPUs and no memory nodes, so nothing can run in it (cgroup-v1/cpusets).
      for (const file of ['cpuset.cpus', 'cpuset.mems']) inherit(parent, folder, file);
    }
  }
}

function inherit(parent: string, folder: string, file: string): void {
  if (!tree1(join(folder, file))) return;
  writeFileSync(join(folder, file), readFileSync(join(parent, file)));
}

/** Only in version 1 these files are writable and initially empty. */
const tree1 = (file: string): boolean => existsSync(file) && readFileSync(file, 'utf8').trim() === '';

/** False while a process in it runs. */
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
    // An exiting process still counts.
    return false;
  }
}
