/** What is fuzzed: a way by which input from outside enters the program. */
export type Verdict =
  /** The input was understood, perhaps in part. */
  | { readonly kind: 'taken' }
  /** `problems`: each in a sentence; `names`: what at least one of them has to name. */
  | { readonly kind: 'refused'; readonly problems: readonly string[]; readonly names: RegExp };

export const taken: Verdict = { kind: 'taken' };

export const refused = (names: RegExp, ...problems: readonly string[]): Verdict => ({
  kind: 'refused',
  problems,
  names,
});

export interface Door {
  readonly name: string;
  readonly what: string;
  /** Valid inputs, from which others are made. */
  readonly seeds: readonly string[];
  /** Words of the format. */
  readonly tokens: readonly string[];
  /** Throws for nothing: what it throws is a finding. */
  readonly enter: (input: string) => Verdict | Promise<Verdict>;
}

/** Stands for every secret in the inputs. No problem may contain it. */
export const canary = 'c4nary-0f-a-s3cret';

/** JSON of the input; undefined for anything else. */
export function jsonOf(input: string): unknown {
  try {
    return JSON.parse(input);
  } catch {
    return undefined;
  }
}

/** The fields of an object that are strings. */
export const textsIn = (value: unknown): Readonly<Record<string, string>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
    ? Object.fromEntries(
        Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'),
      )
    : {};

export const textsOf = (input: string): Readonly<Record<string, string>> => textsIn(jsonOf(input));
