import type { z } from 'zod';
import { nearest } from '../../reboot/words/nearest.ts';

/** One error of the configuration: its path, and a message that says what is valid. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** All problems of a configuration; `message` is for people. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';

  /** Version of the file that was read; empty if none was read. */
  readonly version: string;

  constructor(source: string, problems: readonly Problem[], version = '') {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super([`${count} in ${shown(source)}`, ...problemLines(problems)].join('\n'));
    this.version = version;
  }
}

/** Limits for one file's report. */
const mostProblems = 100;
const longestPath = 160;
const longestMessage = 500;
const longestFound = 60;
/** Entries of a value that are printed; the text is cut soon after. */
const mostFound = 100;

/** One line for each problem, for people. */
export const problemLines = (problems: readonly Problem[]): readonly string[] => {
  const listed = problems.slice(0, mostProblems);
  const more = problems.length - listed.length;
  return [
    ...listed.map(({ path, message }) => `  ${shown(path)}: ${cut(safe(message), longestMessage)}`),
    ...(more > 0 ? [`  and ${more} more.`] : []),
  ];
};

export const tooDeep = (path: string): Problem => ({
  path,
  message: 'It is nested too deeply. No setting is more than a few levels deep.',
});

const cut = (text: string, longest: number): string =>
  text.length > longest ? `${text.slice(0, longest - 1).replace(/\p{Cs}$/u, '')}…` : text;

/** A path or a name for use in a sentence, cut and without control characters. */
export const shown = (text: string): string => cut(safe(text), longestPath);

/** A value of the file may hold control characters, which a terminal would execute. */
const safe = (text: string): string =>
  withoutSecrets(text).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (each) => {
    const code = (each.codePointAt(0) ?? 0).toString(16).padStart(4, '0');
    return `\\u${code}`;
  });

/**
 * A secret may stand in the wrong setting, or as a key. What has the form of a token, and passwords in URLs,
 * are therefore never printed, wherever they stand.
 */
const withoutSecrets = (text: string): string =>
  text
    .replaceAll(/\bx(?:ox[a-z]|app)-\w[^\s"']*/gi, '[secret]')
    .replaceAll(/\b(?:gh[pousr]_|github_pat_|glpat-|AKIA|ASIA|hvs\.|eyJ)[\w.+/=-]{8,}/g, '[secret]')
    .replaceAll(/\b(Bearer|Basic)\s+[\w.+/=~-]{8,}/gi, '$1 [secret]')
    // Matches each run once: a lookahead at each of its letters takes minutes for a long one.
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

/** Settings whose value is never printed. The URL of a calendar may serve as its password. */
const isSecret = (key: PropertyKey): boolean =>
  typeof key === 'string' &&
  (key === 'url' ||
    key === 'headers' ||
    /authorization|cookie|passw|secret|token|api-?key|credential/i.test(key));

/**
 * The value that was found, cut and quoted so that stray spaces are visible. Values reach a message only
 * through this function.
 */
export function found(value: unknown): string {
  if (value === undefined) return 'Nothing is there.';
  // A second time for the whole: a secret may be recognisable only when its parts are joined.
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

/** Secrets are removed before the text is cut: half a password would not be recognised. */
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
 * An invalid union says only that no branch matched. The branch that an object most likely means is the one
 * with the fewest unknown and missing settings.
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
      // A setting of another place has the very same name.
      const others = knownKeys.filter((known) => known !== key);
      const meant = nearest(key, others);
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
