import type { z } from 'zod';
import { nearest } from '../../reboot/words/nearest.ts';

/** One thing that is wrong with the configuration: where, and what would be right. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Every problem of a configuration at once; `message` is what a person reads. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** Of the file that it is about; empty where none was read. */
  readonly version: string;

  constructor(source: string, problems: readonly Problem[], version = '') {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([`${count} in ${shown(source)}`, ...problemLines(problems)].join('\n'));
    this.version = version;
  }
}

/** Of one file: nobody mends more at once. */
const mostProblems = 100;
const longestPath = 160;
const longestMessage = 500;
const longestFound = 60;
/** Of the entries of what was found; more of them would be cut anyway. */
const mostFound = 100;

/** A line for each, for people. */
export const problemLines = (problems: readonly Problem[]): readonly string[] => {
  const told = problems.slice(0, mostProblems);
  const more = problems.length - told.length;
  return [
    ...told.map(({ path, message }) => `  ${shown(path)}: ${cut(safe(message), longestMessage)}`),
    ...(more > 0 ? [`  and ${more} more.`] : []),
  ];
};

export const tooDeep = (path: string): Problem => ({
  path,
  message: 'It is nested too deeply. No setting is more than a few levels deep.',
});

const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1).replace(/\p{Cs}$/u, '')}…` : text;

/** A path or a name inside a sentence, for people. */
export const shown = (text: string): string => cut(safe(text), longestPath);

/** What was found may hold anything; on a terminal control characters would act. */
const safe = (text: string): string =>
  withoutSecrets(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (each) => {
    const code = (each.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });

/**
 * What is wrong may be that a secret stands where it does not belong, a key included: what has the form of a
 * token, and passwords in addresses, are never repeated, wherever they were found.
 */
const withoutSecrets = (text: string): string =>
  text
    .replaceAll(/\bx(?:ox[a-z]|app)-\w[^\s"']*/gi, '[secret]')
    .replaceAll(/\b(?:gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|hvs\.|eyJ)[\w.+/=-]{8,}/g, '[secret]')
    .replaceAll(/\b(Bearer|Basic)\s+[\w.+/=~-]{8,}/gi, '$1 [secret]')
    // Each run is looked at once: a lookahead at each of its letters would take minutes for a long one.
    .replaceAll(/[A-Za-z0-9+=_]{20,}/g, (run) =>
      /[A-Z]/.test(run) && /[a-z]/.test(run) && /\d/.test(run) ? '[secret]' : run,
    )
    .replaceAll(/\b(?=[a-f]*\d)[0-9a-f]{32,}\b/gi, '[secret]')
    .replaceAll(/(:\/\/[^\s/:@"']*):[^\s/@"']+@/g, '$1:[secret]@');

export const pathText = (path: readonly PropertyKey[]): string =>
  path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    return text === '' ? String(step) : `${text}.${String(step)}`;
  }, '') || '(the file)';

/** Settings whose content is not shown. The address of a calendar may be as good as a password. */
const isSecret = (key: PropertyKey): boolean =>
  typeof key === 'string' &&
  (key === 'url' ||
    key === 'headers' ||
    /authorization|cookie|passw|secret|token|api-?key|credential/i.test(key));

/**
 * What was found, short enough to read and quoted so that stray spaces show. The only way in which a value
 * gets into a sentence.
 */
export function found(value: unknown): string {
  if (value === undefined) return 'Nothing is there.';
  // Again as a whole, for what only its parts together give away.
  return `Found ${cut(withoutSecrets(briefly(value)), longestFound)}.`;
}

function briefly(value: unknown): string {
  if (typeof value === 'string') return `"${quotable(value)}"`;
  if (typeof value === 'number') return String(value); // JSON has no .inf and no .nan
  let left = mostFound;
  return JSON.stringify(value, (key, inner: unknown) => {
    left -= 1;
    if (left < 0) return undefined;
    if (isSecret(key)) return '[secret]';
    return typeof inner === 'string' ? quotable(inner) : inner;
  });
}

/** What looks like a secret goes before the text is cut: half a password would no longer look like one. */
const quotable = (text: string): string => cut(withoutSecrets(text), longestFound);

const at = (root: unknown, path: readonly PropertyKey[]): unknown =>
  path.reduce<unknown>(
    (value, step) =>
      typeof value === 'object' && value !== null ? (value as Record<PropertyKey, unknown>)[step] : undefined,
    root,
  );

export function problemsOf(
  error: z.ZodError,
  input: unknown,
  knownKeys: readonly string[],
): readonly Problem[] {
  return error.issues.flatMap((issue) => problemsOfIssue(issue, input, knownKeys));
}

/**
 * A union says only that nothing fitted. For an object the branch is meant that knows most of what was
 * written: the one with the fewest unknown and missing settings.
 */
function meantBranch(
  branches: readonly (readonly z.core.$ZodIssue[])[],
  value: unknown,
): readonly z.core.$ZodIssue[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const misfits = (issues: readonly z.core.$ZodIssue[]): number =>
    issues.reduce((sum, issue) => {
      if (issue.path.length === 0 && issue.code === 'invalid_type') return Number.POSITIVE_INFINITY;
      if (issue.path.length === 0 && issue.code === 'invalid_value') return Number.POSITIVE_INFINITY;
      if (issue.code === 'unrecognized_keys' && issue.path.length === 0) return sum + 2 * issue.keys.length;
      const isMissing = issue.path.length === 1 && at(value, issue.path) === undefined;
      return sum + (isMissing ? 2 : 1);
    }, 0);
  const [best] = branches
    .map((issues) => ({ issues, misfits: misfits(issues) }))
    .toSorted((one, other) => one.misfits - other.misfits);
  return best && best.misfits !== Number.POSITIVE_INFINITY ? best.issues : undefined;
}

function problemsOfIssue(
  issue: z.core.$ZodIssue,
  input: unknown,
  knownKeys: readonly string[],
): readonly Problem[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => {
      const meant = nearest(key, knownKeys);
      return {
        path: pathText([...issue.path, key]),
        message: `There is no such setting.${meant === undefined ? '' : ` Did you mean ${meant}?`}`,
      };
    });
  }
  if (issue.code === 'invalid_union') {
    const value = at(input, issue.path);
    const branch = meantBranch(issue.errors, value);
    if (branch)
      return branch.flatMap((inner) =>
        problemsOfIssue({ ...inner, path: [...issue.path, ...inner.path] }, input, knownKeys),
      );
  }
  const value = at(input, issue.path);
  const said =
    issue.path.some(isSecret) && value !== undefined ? 'Found what is not shown here.' : found(value);
  return [{ path: pathText(issue.path), message: `${said} ${issue.message}` }];
}
