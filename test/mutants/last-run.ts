/** What the last run of each mutant found, for docs/promises.md: `npm run mutants -- --record` writes it. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import type { Tried } from './try-mutants.ts';

const path = 'test/mutants/last-run.json';

/** One line for each mutant: merges and reviews see what has changed. */
export const lastRun = (): readonly Tried[] =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as Tried[]) : [];

/** `names`: of all mutants, in their order; what was recorded of another is forgotten. */
export function record(root: string, tried: Tried, names: readonly string[]): void {
  const known = new Map([...readIn(root), tried].map((each) => [each.name, each]));
  const kept = names.flatMap((name) => known.get(name) ?? []);
  const lines = kept.map((each) => JSON.stringify(each)).join(',\n');
  writeFileSync(`${root}/${path}`, `[\n${lines}\n]\n`);
}

const readIn = (root: string): readonly Tried[] =>
  existsSync(`${root}/${path}`) ? (JSON.parse(readFileSync(`${root}/${path}`, 'utf8')) as Tried[]) : [];
