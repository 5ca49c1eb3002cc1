import { at, isObject, type Json, type JsonObject, listAt, stringsAt, textAt } from '../json.ts';
import { badRequest } from '../status-error.ts';

type Requirement = (labels: Readonly<Record<string, string>>) => boolean;
export type LabelMatcher = (labels: Readonly<Record<string, string>>) => boolean;

const name = String.raw`[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?`;
const keyPattern = new RegExp(String.raw`^([a-z0-9]([-a-z0-9.]*[a-z0-9])?/)?${name}$`);
const valuePattern = new RegExp(`^(${name})?$`);

/** A set-based requirement. As in the server, `notin` and `!=` match objects without the label. */
const setTerm = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const equalTerm = /^([^=!\s]+)\s*(==|=|!=)\s*([^=!\s]*)$/;

/** Splits at commas outside of parentheses. */
const splitTerms = (text: string): string[] => text.split(/,(?![^(]*\))/).map((term) => term.trim());

function operator(op: string, key: string, values: ReadonlySet<string>): Requirement {
  if (!keyPattern.test(key)) throw badRequest(`unable to parse requirement: invalid label key "${key}"`);
  for (const value of values) {
    if (!valuePattern.test(value))
      throw badRequest(`unable to parse requirement: invalid label value: "${value}"`);
  }
  const has = (labels: Readonly<Record<string, string>>): boolean => Object.hasOwn(labels, key);
  switch (op) {
    case 'in':
      return (labels) => has(labels) && values.has(labels[key] ?? '');
    case 'notin':
      return (labels) => !has(labels) || !values.has(labels[key] ?? '');
    case 'exists':
      return has;
    default:
      return (labels) => !has(labels);
  }
}

function parseTerm(term: string): Requirement {
  const set = setTerm.exec(term);
  if (set?.[1] !== undefined && set[2] !== undefined) {
    return operator(set[2], set[1], new Set((set[3] ?? '').split(',').map((value) => value.trim())));
  }
  const equal = equalTerm.exec(term);
  if (equal?.[1] !== undefined)
    return operator(equal[2] === '!=' ? 'notin' : 'in', equal[1], new Set([equal[3] ?? '']));
  return term.startsWith('!')
    ? operator('absent', term.slice(1).trim(), new Set())
    : operator('exists', term, new Set());
}

/** Parses the text form, as in `?labelSelector=`. Empty text matches everything; invalid text throws 400. */
export function parseLabelSelector(text: string): LabelMatcher {
  if (text.trim() === '') return () => true;
  const requirements = splitTerms(text).map(parseTerm);
  return (labels) => requirements.every((matches) => matches(labels));
}

/**
 * Reads the object form (`matchLabels`, `matchExpressions`). Absent matches nothing, and empty everything
 * (meta/v1 `LabelSelectorAsSelector`); for budgets this holds since policy/v1.
 */
export function readLabelSelector(selector: Json | undefined): LabelMatcher {
  if (!isObject(selector)) return () => false;
  const words: Readonly<Record<string, string>> = {
    In: 'in',
    NotIn: 'notin',
    Exists: 'exists',
    DoesNotExist: 'absent',
  };
  const labels = Object.entries(stringsAt(selector, 'matchLabels'));
  const requirements = labels.map(([key, value]) => operator('in', key, new Set([value])));
  for (const expression of listAt(selector, 'matchExpressions')) {
    const values = listAt(expression, 'values').filter((value) => typeof value === 'string');
    const op = words[textAt(expression, 'operator')];
    if (op === undefined) return () => false;
    requirements.push(operator(op, textAt(expression, 'key'), new Set(values)));
  }
  return (set) => requirements.every((matches) => matches(set));
}

export interface FieldTerm {
  readonly path: string;
  readonly value: string;
  readonly equal: boolean;
}

/** True if the object form has no requirements. */
export const isEmptySelector = (selector: Json | undefined): boolean =>
  Object.keys(stringsAt(selector, 'matchLabels')).length === 0 &&
  listAt(selector, 'matchExpressions').length === 0;

/** Parses `?fieldSelector=`: equality and inequality, separated by commas. */
export function parseFieldSelector(text: string): readonly FieldTerm[] {
  if (text.trim() === '') return [];
  return text.split(',').map((term) => {
    const match = equalTerm.exec(term.trim());
    if (match?.[1] === undefined) throw badRequest(`invalid selector: '${term}'; can't understand '${term}'`);
    return { path: match[1], value: match[3] ?? '', equal: match[2] !== '!=' };
  });
}

/** As in the server, only the fields that a resource declares are selectable. */
export function fieldMatcher(
  terms: readonly FieldTerm[],
  allowed: readonly string[],
): (object: JsonObject) => boolean {
  for (const { path } of terms) {
    if (!allowed.includes(path)) throw badRequest(`field label not supported: ${path}`);
  }
  return (object) => terms.every(({ path, value, equal }) => (fieldText(object, path) === value) === equal);
}

function fieldText(object: JsonObject, path: string): string {
  const value = at(object, ...path.split('.').filter((step) => step !== ''));
  return value === undefined || value === null || typeof value === 'object' ? '' : String(value);
}
