/** Kubernetes label selectors, as in `kubectl get -l` (API concepts, "Label selectors"). */
type Labels = Readonly<Record<string, string>>;
type Requirement = (labels: Labels) => boolean;

export type ParsedSelector =
  | { readonly ok: true; readonly matches: (labels: Labels) => boolean }
  | { readonly ok: false; readonly problem: string };

const key = String.raw`(?:[a-z0-9.-]+/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?`;
const value = String.raw`(?:[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)?`;
const equality = new RegExp(`^(${key})\\s*(=|==|!=)\\s*(${value})$`);
const set = new RegExp(`^(${key})\\s+(in|notin)\\s*\\(([^()]*)\\)$`);
const existence = new RegExp(`^(!?)\\s*(${key})$`);

function requirement(text: string): Requirement | undefined {
  const equal = equality.exec(text);
  if (equal) {
    const [, name = '', operator, wanted] = equal;
    return operator === '!=' ? (labels) => labels[name] !== wanted : (labels) => labels[name] === wanted;
  }
  const among = set.exec(text);
  if (among) {
    const [, name = '', operator, list = ''] = among;
    const values = new Set(list.split(',').map((entry) => entry.trim()));
    return operator === 'in'
      ? (labels) => labels[name] !== undefined && values.has(labels[name])
      : (labels) => labels[name] === undefined || !values.has(labels[name]);
  }
  const exists = existence.exec(text);
  if (exists) {
    const [, not, name = ''] = exists;
    return not === '!' ? (labels) => labels[name] === undefined : (labels) => labels[name] !== undefined;
  }
  return undefined;
}

/** Splits at commas that do not stand inside parentheses. */
const clauses = (text: string): readonly string[] =>
  text.split(/,(?![^(]*\))/).map((clause) => clause.trim());

/** An empty selector matches everything. */
export function parseSelector(text: string): ParsedSelector {
  if (text.trim() === '') return { ok: true, matches: () => true };
  const requirements: Requirement[] = [];
  for (const clause of clauses(text)) {
    const parsed = requirement(clause);
    if (!parsed)
      return {
        ok: false,
        problem: `"${clause}" is no label requirement. They look like key=value, key in (a,b), !key.`,
      };
    requirements.push(parsed);
  }
  return { ok: true, matches: (labels) => requirements.every((matches) => matches(labels)) };
}
