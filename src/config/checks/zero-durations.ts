import { parseDuration } from '../../reboot/time/duration.ts';
import { found, pathText, type Problem } from './problems.ts';
import { type ConfigFile, jsonSchema } from '../schema/schema.ts';

interface Node {
  readonly default?: unknown;
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Node>>;
  readonly items?: Node;
}

/**
 * Reports durations of 0 in settings whose description gives 0 no meaning. The settings are found by the
 * schema (those with a duration as their default), so that new ones are covered.
 */
export const zeroDurations = (file: ConfigFile): readonly Problem[] => within(jsonSchema(), file, []);

function within(schema: Node, value: unknown, path: readonly PropertyKey[]): readonly Problem[] {
  if (Array.isArray(value))
    return value.flatMap((each, index) => within(schema.items ?? {}, each, [...path, index]));
  if (typeof value === 'object' && value !== null)
    return Object.entries(value).flatMap(([name, inner]) =>
      within(schema.properties?.[name] ?? {}, inner, [...path, name]),
    );
  const { default: fallback, description = '' } = schema;
  const isDuration = typeof fallback === 'string' && parseDuration(fallback) !== undefined;
  if (!isDuration || fallback === '0s' || /\b0s\b/.test(description) || typeof value !== 'string') return [];
  return parseDuration(value) === 0
    ? [
        {
          path: pathText(path),
          message: `${found(value)} No time at all is hardly meant; the default is ${fallback}.`,
        },
      ]
    : [];
}
