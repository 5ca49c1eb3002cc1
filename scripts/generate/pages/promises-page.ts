/**
 * The parts of docs/promises.md that are made from the list of mutants. What stands between the marks is
 * replaced; everything else of the page is written by hand.
 */
import { readFileSync } from 'node:fs';
import { allMutants } from '../../../test/mutants/all-mutants.ts';
import { lastRun } from '../../../test/mutants/last-run.ts';
import type { Mutant, PromiseNumber } from '../../../test/mutants/mutant.ts';
import type { Tried } from '../../../test/mutants/try-mutants.ts';
import { code, table } from './markdown.ts';

export const promisesPath = 'docs/promises.md';

const promises: readonly PromiseNumber[] = [1, 2, 3, 4, 5, 6, 7, 8];

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

type Results = ReadonlyMap<string, Tried>;

export function promisesPage(): string {
  const results = new Map(lastRun().map((tried) => [tried.name, tried]));
  const parts = new Map([
    ['summary', summary(results)],
    ...promises.map((promise) => [`promise ${promise}`, listOf(promise, results)] as const),
  ]);
  return [...parts].reduce(
    (page, [name, text]) => replaced(page, name, text),
    readFileSync(promisesPath, 'utf8'),
  );
}

/** Throws where the page lacks the marks. */
function replaced(page: string, name: string, text: string): string {
  const [begin, end] = [`<!-- mutants: ${name} -->`, '<!-- end of mutants -->'];
  const from = page.indexOf(begin);
  const to = page.indexOf(end, from);
  if (from < 0 || to < 0) throw new Error(`${promisesPath} lacks the mark ${begin}, or its end.`);
  return `${page.slice(0, from)}${begin}\n\n${text}\n\n${page.slice(to)}`;
}

const ofPromise = (promise: PromiseNumber): readonly Mutant[] =>
  allMutants.filter((mutant) => mutant.promise === promise);

function summary(results: Results): string {
  const row = (name: string, mutants: readonly Mutant[]): readonly string[] => {
    const tried = mutants.flatMap((mutant) => results.get(mutant.name) ?? []);
    const by = (killer: Tried['killedBy']): string =>
      String(tried.filter(({ killedBy }) => killedBy === killer).length);
    const time = seconds(tried.reduce((sum, { ms }) => sum + ms, 0));
    return [name, String(mutants.length), by('suite'), by('chaos'), by('nothing'), time];
  };
  return table(
    ['promise', 'mutants', 'killed by their suite', 'by the chaos alone', 'survived', 'time'],
    [...promises.map((promise) => row(String(promise), ofPromise(promise))), row('all', allMutants)],
  );
}

const listOf = (promise: PromiseNumber, results: Results): string =>
  table(
    ['mutant', 'of', 'killed by'],
    ofPromise(promise).map((mutant) => [
      mutant.name,
      `[${baseOf(mutant.file)}](../${mutant.file})`,
      killerOf(results.get(mutant.name)),
    ]),
  );

const baseOf = (file: string): string => file.slice(file.lastIndexOf('/') + 1);

/** The test's name may hold what Markdown would read as markup. */
function killerOf(tried: Tried | undefined): string {
  if (tried === undefined) return 'not tried yet';
  if (tried.killedBy === 'nothing') return 'nothing';
  const [file = '', ...names] = (tried.test ?? '').split(' > ');
  const test = names.length === 0 ? file : names.join(': ');
  return `${baseOf(file)}: ${code(test.replaceAll('`', "'"))} (${seconds(tried.ms)})`;
}
