/** Kubernetes label selectors, as in `kubectl get -l` (API concepts, "Label selectors"). */
import { isLabelKey, isLabelValue } from './label-syntax.ts';

type Labels = Readonly<Record<string, string>>;

/** One requirement of a selector. `values` is empty for `exists` and `absent`. */
export interface Requirement {
  readonly key: string;
  readonly operator: 'in' | 'notin' | 'exists' | 'absent';
  readonly values: readonly string[];
}

export type ParsedSelector =
  | {
      readonly ok: true;
      readonly requirements: readonly Requirement[];
      readonly matches: (labels: Labels) => boolean;
    }
  | { readonly ok: false; readonly problem: string };

const key = String.raw`(?:[a-z0-9.-]+/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`;
const value = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?`;
const equality = new RegExp(`^(${key})\\s*(=|==|!=)\\s*(${value})$`);
const set = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const existence = new RegExp(`^(!?)\\s*(${key})$`);

function requirement(text: string): Requirement | undefined {
  const equal = equality.exec(text);
  if (equal) {
    const [, name = '', operator, wanted = ''] = equal;
    return { key: name, operator: operator === '!=' ? 'notin' : 'in', values: [wanted] };
  }
  const setMatch = set.exec(text);
  if (setMatch) {
    const [, name = '', operator, list = ''] = setMatch;
    const values = list.split(',').map((entry) => entry.trim());
    return values.every(isLabelValue)
      ? { key: name, operator: operator === 'in' ? 'in' : 'notin', values }
      : undefined;
  }
  const exists = existence.exec(text);
  if (!exists) return undefined;
  const [, not, name = ''] = exists;
  return { key: name, operator: not === '!' ? 'absent' : 'exists', values: [] };
}

/** As in the API server: `notin` also matches where the label is absent. */
export function matchesRequirement(labels: Labels, { key: name, operator, values }: Requirement): boolean {
  // Every object inherits `constructor` and others, which are valid keys of labels.
  const found = Object.hasOwn(labels, name) ? labels[name] : undefined;
  if (operator === 'exists' || operator === 'absent')
    return (found !== undefined) === (operator === 'exists');
  const isMember = found !== undefined && values.includes(found);
  return operator === 'in' ? isMember : !isMember;
}

/**
 * Splits at commas outside of parentheses, in one pass: a lookahead at each comma takes minutes for a long
 * text.
 */
function clauses(text: string): readonly string[] {
  const commas = [...text.matchAll(/\([^)]*\)?|,/g)].flatMap(({ 0: part, index }) =>
    part === ',' ? [index] : [],
  );
  return [-1, ...commas].map((before, nth) => text.slice(before + 1, commas[nth]).trim());
}

/** An empty selector matches everything. Rejects what the API server would reject. */
export function parseSelector(text: string): ParsedSelector {
  if (text.trim() === '') return { ok: true, requirements: [], matches: () => true };
  const requirements: Requirement[] = [];
  for (const clause of clauses(text)) {
    const parsed = requirement(clause);
    if (!parsed || !isLabelKey(parsed.key) || !parsed.values.every(isLabelValue))
      return {
        ok: false,
        problem: `"${clause}" is no label requirement. They look like key=value, key in (a,b), !key.`,
      };
    requirements.push(parsed);
  }
  return {
    ok: true,
    requirements,
    matches: (labels) => requirements.every((each) => matchesRequirement(labels, each)),
  };
}
