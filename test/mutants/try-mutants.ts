/**
 * Tries mutants one after another: each against its suite, and against the chaos where that notices nothing.
 */
import process from 'node:process';
import type { Mutant } from './mutant.ts';
import type { Scratch } from './scratch.ts';
import type { SuiteRunner } from './suite-runner.ts';

export interface Tried {
  readonly name: string;
  readonly promise: number;
  readonly ms: number;
  /** `nothing`: it survived. */
  readonly killedBy: 'suite' | 'chaos' | 'nothing';
  /** The first test that failed. */
  readonly test?: string;
}

export const chaosSuite = 'test/reboot/chaos.test.ts';
/** A share of the stories of `npm test`: enough that what the chaos asks to have met is met. */
const chaosRuns = '0.5';

export interface Trying {
  readonly scratch: Scratch;
  readonly runner: SuiteRunner;
  /** Told of each mutant as soon as it was tried. */
  readonly told: (tried: Tried, nth: number) => void;
  readonly withChaos: boolean;
}

const suitesOf = (mutants: readonly Mutant[]): readonly string[] =>
  [...new Set(mutants.flatMap(({ suite }) => suite))].toSorted();

/**
 * The first failure of the suites without a mutant: against a red suite every mutant would count as killed.
 */
export async function baseline(
  { runner }: Pick<Trying, 'runner'>,
  mutants: readonly Mutant[],
): Promise<string | undefined> {
  const { passed, failure } = await runner.run(suitesOf(mutants), []);
  return passed ? undefined : (failure ?? 'a suite failed');
}

/**
 * `files`: what the last mutant changed, and has changed back. Read anew together with what this one changes.
 */
async function tryOne(
  { scratch, runner, withChaos }: Trying,
  mutant: Mutant,
  files: readonly string[],
): Promise<Tried> {
  const { name, promise, file, suite } = mutant;
  const restore = scratch.apply(mutant);
  try {
    const first = await runner.run(suite, [...files, file]);
    if (!first.passed) return killed(mutant, 'suite', first);
    if (!withChaos || suite.includes(chaosSuite)) return { name, promise, ms: first.ms, killedBy: 'nothing' };
    const chaos = await runChaos(runner);
    const ms = first.ms + chaos.ms;
    return chaos.passed
      ? { name, promise, ms, killedBy: 'nothing' }
      : killed(mutant, 'chaos', { ...chaos, ms });
  } finally {
    restore();
  }
}

const killed = (
  { name, promise }: Mutant,
  killedBy: Tried['killedBy'],
  { ms, failure }: { readonly ms: number; readonly failure?: string },
): Tried => ({ name, promise, ms, killedBy, ...(failure === undefined ? {} : { test: failure }) });

async function runChaos(runner: SuiteRunner) {
  const before = process.env['FC_RUNS'];
  process.env['FC_RUNS'] = chaosRuns;
  try {
    return await runner.run([chaosSuite], []);
  } finally {
    if (before === undefined) delete process.env['FC_RUNS'];
    else process.env['FC_RUNS'] = before;
  }
}

export async function tryMutants(trying: Trying, mutants: readonly Mutant[]): Promise<readonly Tried[]> {
  const tried: Tried[] = [];
  let changed: readonly string[] = [];
  for (const [nth, mutant] of mutants.entries()) {
    const result = await tryOne(trying, mutant, changed);
    changed = [mutant.file];
    tried.push(result);
    trying.told(result, nth);
  }
  return tried;
}

export const lineOf = ({ promise, name, ms, killedBy, test }: Tried): string =>
  killedBy === 'nothing'
    ? `SURVIVED  promise ${promise}: ${name} (${seconds(ms)})`
    : `killed    promise ${promise}: ${name} (${killedBy}, ${seconds(ms)}): ${test ?? ''}`;

export const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
