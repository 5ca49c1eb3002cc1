/** The fields of a Reboot that this version stores, and those that a served schema has. */
import { z } from 'zod';
import { commonSchema, derivedSchema, specSchema } from '../k8s/records/reboot-schema.ts';
import { rebootState } from '../reboot/state/states.ts';

type Schema = Readonly<Record<string, unknown>>;

const isSchema = (value: unknown): value is Schema => typeof value === 'object' && value !== null;

/** Paths of the fields, such as `status.drain.total`. What lists hold is below the list. */
export function fieldPaths(schema: unknown, path = ''): readonly string[] {
  if (!isSchema(schema)) return [];
  const { properties = {}, items, anyOf = [], oneOf = [] } = schema;
  const named = Object.entries(properties as Schema).flatMap(([name, inner]) => {
    const at = path === '' ? name : `${path}.${name}`;
    return [at, ...fieldPaths(inner, at)];
  });
  const variants = [items, ...(anyOf as readonly unknown[]), ...(oneOf as readonly unknown[])];
  return [...new Set([...named, ...variants.flatMap((inner) => fieldPaths(inner, path))])];
}

const jsonSchema = (schema: z.ZodType): unknown =>
  z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });

/**
 * The state that a failure or an end came from is stored under other names; its fields are those of the state
 * itself.
 */
const isRenamed = (path: string): boolean => /^status\.from(\.|$)/.test(path);

export const storedFields = (): readonly string[] =>
  [
    ...fieldPaths(jsonSchema(specSchema), 'spec'),
    ...[commonSchema, derivedSchema, rebootState].flatMap((schema) =>
      fieldPaths(jsonSchema(schema), 'status'),
    ),
  ].filter((path) => !isRenamed(path));

/** The schema of Reboots in the API server's OpenAPI document of our group; undefined if it has none. */
export function servedFields(document: unknown): readonly string[] | undefined {
  const schemas =
    isSchema(document) && isSchema(document['components']) ? document['components']['schemas'] : {};
  const found = Object.entries(isSchema(schemas) ? schemas : {}).find(([name]) => name.endsWith('.Reboot'));
  return found && fieldPaths(found[1]);
}
