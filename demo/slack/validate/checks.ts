import { isObject, type Json } from '../json.ts';

/** One error that Slack would report, with its place. */
export interface Problem {
  /** JSON pointer, as in Slack's messages. */
  readonly pointer: string;
  readonly code: string;
  readonly message: string;
  readonly constraint?: number;
}

export type Check = (value: Json, pointer: string) => readonly Problem[];

export interface Field {
  readonly check: Check;
  readonly required: boolean;
}

export const need = (check: Check): Field => ({ check, required: true });
export const may = (check: Check): Field => ({ check, required: false });

export const problem = (pointer: string, code: string, message: string, constraint?: number): Problem => ({
  pointer,
  code,
  message,
  ...(constraint === undefined ? {} : { constraint }),
});

const onlyIf = (bad: boolean, found: () => Problem): readonly Problem[] => (bad ? [found()] : []);

/** Lengths are UTF-16 units: the conservative reading of "characters", and what Slack's own editor counts. */
export function string(
  limits: { readonly min?: number; readonly max?: number; readonly pattern?: RegExp } = {},
): Check {
  const { min = 0, max = Number.POSITIVE_INFINITY, pattern } = limits;
  return (value, pointer) => {
    if (typeof value !== 'string') return [problem(pointer, 'invalid_type', 'must be a string')];
    if (value.length < min) {
      return [problem(pointer, 'too_short', `must be more than ${min - 1} characters`, min)];
    }
    if (value.length > max) {
      return [problem(pointer, 'too_long', `must be less than ${max + 1} characters`, max)];
    }
    return onlyIf(pattern !== undefined && !pattern.test(value), () =>
      problem(pointer, 'invalid_format', 'must be a valid value'),
    );
  };
}

export const flag: Check = (value, pointer) =>
  onlyIf(typeof value !== 'boolean', () => problem(pointer, 'invalid_type', 'must be a boolean'));

export function integer(min: number, max: number): Check {
  return (value, pointer) => {
    if (typeof value !== 'number' || !Number.isInteger(value)) {
      return [problem(pointer, 'invalid_type', 'must be an integer')];
    }
    return onlyIf(value < min || value > max, () =>
      problem(pointer, 'out_of_range', `must be between ${min} and ${max}`, value < min ? min : max),
    );
  };
}

export const oneOf =
  (...allowed: readonly Json[]): Check =>
  (value, pointer) =>
    onlyIf(!allowed.includes(value), () => problem(pointer, 'invalid_enum', 'must be a valid enum value'));

export function list(item: Check, limits: { readonly min?: number; readonly max: number }): Check {
  const { min = 0, max } = limits;
  return (value, pointer) => {
    if (!Array.isArray(value)) return [problem(pointer, 'invalid_type', 'must be an array')];
    const items: readonly Json[] = value;
    if (items.length > max) return [problem(pointer, 'too_many', `no more than ${max} items allowed`, max)];
    if (items.length < min) return [problem(pointer, 'too_few', `no less than ${min} items allowed`, min)];
    return items.flatMap((entry, index) => item(entry, `${pointer}/${index}`));
  };
}

export type Fields = Readonly<Record<string, Field>>;

/** Slack refuses unknown properties, so a misspelt one is always reported. */
export function object(fields: Fields): Check {
  return (value, pointer) => {
    if (!isObject(value)) return [problem(pointer, 'invalid_type', 'must be an object')];
    const missing = Object.entries(fields)
      .filter(([key, field]) => field.required && value[key] === undefined)
      .map(([key]) => problem(pointer, 'missing_field', `missing required field: ${key}`));
    const unknown = Object.keys(value)
      .filter((key) => !Object.hasOwn(fields, key))
      .map((key) => problem(pointer, 'additional_property', `invalid additional property: ${key}`));
    const inside = Object.entries(value).flatMap(([key, entry]) => {
      const field = Object.hasOwn(fields, key) ? fields[key] : undefined;
      return field === undefined ? [] : field.check(entry, `${pointer}/${key}`);
    });
    return [...missing, ...unknown, ...inside];
  };
}

/** An object whose shape depends on its `type`; the table holds the types that this place allows. */
export function byType(table: () => Readonly<Record<string, Check>>): Check {
  return (value, pointer) => {
    if (!isObject(value)) return [problem(pointer, 'invalid_type', 'must be an object')];
    const type = value['type'];
    if (type === undefined) return [problem(pointer, 'missing_field', 'missing required field: type')];
    const known = table();
    const check = typeof type === 'string' && Object.hasOwn(known, type) ? known[type] : undefined;
    return check === undefined
      ? [
          problem(
            `${pointer}/type`,
            'unsupported_type',
            `unsupported type: ${typeof type === 'string' ? type : JSON.stringify(type)}`,
          ),
        ]
      : check(value, pointer);
  };
}

/**
 * Slack checks every shape that a place allows, reports that none matches, and then the errors of the
 * nearest.
 */
export const anyShape =
  (check: Check): Check =>
  (value, pointer) => {
    const found = check(value, pointer);
    return found.length === 0
      ? found
      : [problem(pointer, 'no_schema_matches', 'failed to match all allowed schemas'), ...found];
  };

export const both =
  (...checks: readonly Check[]): Check =>
  (value, pointer) =>
    checks.flatMap((check) => check(value, pointer));
