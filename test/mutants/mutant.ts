/**
 * A mutant: one line that keeps a promise of the design, changed so that the promise is broken. The tests
 * have to notice each of them.
 */
export type PromiseNumber = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8;

export interface MutantRow {
  /** What the mutant does wrong, as a sentence. */
  readonly name: string;
  readonly file: string;
  /** The text that is replaced. It occurs once in the file. */
  readonly line: string;
  readonly becomes: string;
  /** The smallest set of test files that should kill it. */
  readonly suite: readonly string[];
  /** Its types refuse it as well. That a name is left unused does not count. */
  readonly refusedByTypes?: true;
}

export interface Mutant extends MutantRow {
  readonly promise: PromiseNumber;
}

export const mutantsOf = (promise: PromiseNumber, rows: readonly MutantRow[]): readonly Mutant[] =>
  rows.map((row) => ({ promise, ...row }));

/** The text of the mutant's file with the mutation. Throws where the line is missing or occurs twice. */
export function mutated({ name, file, line, becomes }: Mutant, text: string): string {
  const found = text.split(line).length - 1;
  if (found !== 1 || line === becomes)
    throw new Error(`The mutant "${name}" does not apply: its line occurs ${found} times in ${file}.`);
  return text.replace(line, () => becomes);
}
