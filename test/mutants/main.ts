// Mutants of the lines that keep the promises: each is applied to a copy of the project and has to be noticed
// by its tests.
import process from 'node:process';
import { allMutants } from './all-mutants.ts';
import { record } from './last-run.ts';
import type { Mutant } from './mutant.ts';
import { makeScratch } from './scratch.ts';
import { makeSuiteRunner } from './suite-runner.ts';
import { baseline, lineOf, seconds, type Tried, tryMutants } from './try-mutants.ts';

const usage =
  'npm run mutants [-- --only NAME | --promise N] [--json] [--suites-only] [--record]\n' +
  '  --only NAME    those whose name contains it\n' +
  '  --promise N    those of one promise\n' +
  '  --json         one last line of JSON\n' +
  '  --suites-only  what its suite does not notice is not tried against the chaos\n' +
  '  --record       writes what docs/promises.md shows; npm run generate then writes the page';

const source = process.cwd();
const args = process.argv.slice(2);
const after = (option: string): string | undefined =>
  args.includes(option) ? args[args.indexOf(option) + 1] : undefined;

function chosen(): readonly Mutant[] {
  const [only, promise] = [after('--only'), after('--promise')];
  return allMutants.filter(
    (mutant) =>
      (only === undefined || mutant.name.includes(only)) &&
      (promise === undefined || mutant.promise === Number(promise)),
  );
}

function report(tried: readonly Tried[], ms: number): string {
  const survivors = tried.filter(({ killedBy }) => killedBy === 'nothing');
  const byChaos = tried.filter(({ killedBy }) => killedBy === 'chaos').length;
  return [
    `${tried.length - survivors.length} of ${tried.length} mutants killed, ${byChaos} of them by the chaos alone, in ${seconds(ms)}`,
    ...survivors.map(({ promise, name }) => `survived: promise ${promise}: ${name}`),
  ].join('\n');
}

function tell(tried: Tried, nth: number, count: number): void {
  console.error(`${nth + 1}/${count} ${lineOf(tried)}`);
  const names = allMutants.map(({ name }) => name);
  if (args.includes('--record')) record(source, tried, names);
}

/** 0: all are killed. 1: some survived. 2: nothing could be tried. */
async function tryIn(
  scratch: ReturnType<typeof makeScratch>,
  mutants: readonly Mutant[],
): Promise<0 | 1 | 2> {
  const began = performance.now();
  const runner = await makeSuiteRunner(scratch.root);
  // Once more: a test that fails on a busy machine says nothing about the mutants.
  const red = (await baseline({ runner }, mutants)) && (await baseline({ runner }, mutants));
  if (red !== undefined) {
    console.error(`The suites fail without a mutant: ${red}`);
    return 2;
  }
  const told = (tried: Tried, nth: number): void => tell(tried, nth, mutants.length);
  const tried = await tryMutants(
    { scratch, runner, told, withChaos: !args.includes('--suites-only') },
    mutants,
  );
  await runner.close();
  const ms = Math.round(performance.now() - began);
  console.log(report(tried, ms));
  if (args.includes('--json')) console.log(JSON.stringify({ ms, tried }));
  return tried.some(({ killedBy }) => killedBy === 'nothing') ? 1 : 0;
}

async function main(): Promise<0 | 1 | 2> {
  const mutants = chosen();
  if (mutants.length === 0 || args.includes('--help')) {
    console.error(usage);
    return 2;
  }
  const scratch = makeScratch(source);
  try {
    return await tryIn(scratch, mutants);
  } finally {
    process.chdir(source);
    scratch.remove();
  }
}

process.exit(await main());
