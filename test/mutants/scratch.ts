/** A copy of the project in which mutants are tried: the working tree is never written. */
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Mutant, mutated } from './mutant.ts';

export interface Scratch {
  readonly root: string;
  /** Writes the mutant; the function that is returned restores the line. */
  apply(mutant: Mutant): () => void;
  remove(): void;
}

/** Files that git knows or would add: no builds, no caches. */
function filesOf(root: string): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  return listed.split('\0').filter((file) => file !== '' && isFile(join(root, file)));
}

/** A link, such as one to the packages of another copy, is none. */
const isFile = (path: string): boolean => lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;

export function makeScratch(source: string): Scratch {
  const root = mkdtempSync(join(tmpdir(), 'tugboot-mutants-'));
  for (const file of filesOf(source)) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    cpSync(join(source, file), join(root, file));
  }
  if (!existsSync(join(root, 'node_modules')))
    symlinkSync(join(source, 'node_modules'), join(root, 'node_modules'));
  return {
    root,
    apply(mutant) {
      const path = join(root, mutant.file);
      const text = readFileSync(path, 'utf8');
      writeFileSync(path, mutated(mutant, text));
      return () => writeFileSync(path, text);
    },
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}
