/** Values that a zod schema allows, for the schemas of the stored record. */
import * as fc from 'fast-check';
import type { z } from 'zod';

/** Text as it may come from hosts, people and clusters. */
const text = fc.string({ unit: 'grapheme', maxLength: 40 });
const time = fc
  .date({ min: new Date('2020-01-01'), max: new Date('2040-01-01'), noInvalidDate: true })
  .map((date) => date.toISOString());

/** A member of every kind of schema that is used: a new kind needs a case here. */
export function arbitraryOf<Schema extends z.ZodType>(schema: Schema): fc.Arbitrary<z.infer<Schema>> {
  return byKind(schema) as fc.Arbitrary<z.infer<Schema>>;
}

type Definition =
  | { readonly type: 'string' | 'number' | 'int' | 'boolean' }
  | { readonly type: 'literal'; readonly values: readonly unknown[] }
  | { readonly type: 'enum'; readonly entries: Readonly<Record<string, string>> }
  | { readonly type: 'array'; readonly element: z.ZodType }
  | { readonly type: 'optional'; readonly innerType: z.ZodType }
  | { readonly type: 'pipe'; readonly in: z.ZodType }
  | { readonly type: 'record'; readonly valueType: z.ZodType }
  | { readonly type: 'object'; readonly shape: Readonly<Record<string, z.ZodType>> }
  | { readonly type: 'union'; readonly options: readonly z.ZodType[] };

const definitionOf = (schema: z.ZodType): Definition => schema.def as unknown as Definition;

function byKind(schema: z.ZodType): fc.Arbitrary<unknown> {
  const definition = definitionOf(schema);
  const { format, enum: values } = schema.meta() ?? {};
  if (Array.isArray(values)) return fc.constantFrom(...(values as readonly unknown[]));
  switch (definition.type) {
    case 'string':
      return format === 'date-time' ? time : upTo(maxLengthOf(schema));
    case 'int':
    case 'number':
      return number(schema);
    case 'boolean':
      return fc.boolean();
    case 'literal':
      return fc.constantFrom(...definition.values);
    case 'enum':
      return fc.constantFrom(...Object.values(definition.entries));
    case 'array':
      return fc.array(byKind(definition.element), { maxLength: 3 });
    case 'pipe':
      return byKind(definition.in);
    case 'record':
      return fc.dictionary(fc.stringMatching(/^[a-z-]{1,12}$/), byKind(definition.valueType), {
        maxKeys: 3,
        noNullPrototype: true,
      });
    case 'object':
      return record(definition.shape);
    case 'union':
      return fc.oneof(...definition.options.map(byKind));
    case 'optional':
      return byKind(definition.innerType);
  }
}

const maxLengthOf = (schema: z.ZodType): number =>
  (schema as Partial<Pick<z.ZodString, 'maxLength'>>).maxLength ?? Number.POSITIVE_INFINITY;

const upTo = (maxLength: number): fc.Arbitrary<string> =>
  maxLength < Number.POSITIVE_INFINITY ? text.filter(({ length }) => length <= maxLength) : text;

const number = (schema: z.ZodType): fc.Arbitrary<number> =>
  schema.safeParse(-1).success ? fc.integer({ min: -1, max: 3 }) : fc.nat({ max: 10_000 });

function record(shape: Readonly<Record<string, z.ZodType>>): fc.Arbitrary<unknown> {
  const members = Object.entries(shape);
  const required = members.filter(([, schema]) => definitionOf(schema).type !== 'optional');
  return fc.record(Object.fromEntries(members.map(([key, schema]) => [key, byKind(schema)])), {
    requiredKeys: required.map(([key]) => key),
    noNullPrototype: true,
  });
}
