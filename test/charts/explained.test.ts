/** `kubectl explain` shows what the definitions say of each field. */
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { crdTexts } from '../k8s/world/api.ts';

interface Schema {
  readonly description?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}
interface Definition {
  readonly spec: {
    readonly names: { readonly plural: string };
    readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[];
  };
}

interface Field {
  readonly path: string;
  readonly description: string;
}

const fieldsIn = ({ properties = {}, items }: Schema, path: string): readonly Field[] => [
  ...Object.entries(properties).flatMap(([key, schema]) => [
    { path: `${path}.${key}`, description: schema.description ?? '' },
    ...fieldsIn(schema, `${path}.${key}`),
  ]),
  ...(items === undefined ? [] : fieldsIn(items, `${path}[]`)),
];

const definitions = crdTexts.map((text) => parse(text) as Definition);

describe.each(definitions.map((each) => [each.spec.names.plural, each] as const))(
  'each field of %s',
  (plural, { spec }) => {
    const fields = spec.versions.flatMap(({ schema }) => fieldsIn(schema.openAPIV3Schema, plural));

    it('is described in a sentence', () => {
      expect(fields.length).toBeGreaterThan(25);
      expect(fields.filter(({ description }) => !/^\S.*\.$/s.test(description))).toEqual([]);
    });
  },
);
