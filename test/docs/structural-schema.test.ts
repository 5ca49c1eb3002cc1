/** What the API server takes as a schema, made of what zod declares. */
import { expect, it } from 'vitest';
import { z } from 'zod';
import { structural } from '../../scripts/generate/crds/structural-schema.ts';

const made = (schema: z.ZodType): unknown => {
  const { $schema: _dialect, ...json } = z.toJSONSchema(schema, { io: 'input' });
  return structural(json);
};

const text = z.string().meta({ description: 'Words.', maxLength: 9 });

it('merges alternatives: what all of them require is required, and a constant becomes a choice', () => {
  const schema = z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('one'), both: text, only: text }),
    z.object({ kind: z.literal('two'), both: text }),
  ]);
  const words = { type: 'string', description: 'Words.', maxLength: 9 };
  expect(made(schema)).toEqual({
    type: 'object',
    properties: { kind: { type: 'string', enum: ['one', 'two'] }, both: words, only: words },
    required: ['kind', 'both'],
  });
});

it('keeps bounds and the keys of maps, and leaves out what the API server does not know', () => {
  const schema = z.object({
    count: z.int().min(0),
    map: z.record(z.string(), text).meta({ maxProperties: 3 }),
    list: z.array(text).meta({ maxItems: 2 }).exactOptional(),
  });
  const words = { type: 'string', description: 'Words.', maxLength: 9 };
  expect(made(schema)).toEqual({
    type: 'object',
    properties: {
      count: { type: 'integer', minimum: 0 },
      map: { type: 'object', additionalProperties: words, maxProperties: 3 },
      list: { type: 'array', items: words, maxItems: 2 },
    },
    required: ['count', 'map'],
  });
});

it.each([
  ['types', z.union([z.object({ a: text }), z.object({ a: z.boolean() })])],
  ['bounds', z.union([z.object({ a: text }), z.object({ a: z.string() })])],
])('refuses a field with two %s', (_what, schema) => {
  expect(() => made(schema)).toThrow('in one field');
});
