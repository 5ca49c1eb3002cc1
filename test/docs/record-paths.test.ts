/** Fields of stored objects that the documentation and the words for kubectl name are in the schemas. */
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { pages, read, root } from './pages.ts';

interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

interface Definition {
  readonly spec: { readonly versions: readonly { readonly schema: { readonly openAPIV3Schema: Schema } }[] };
}

const schemas = globSync('charts/tugboot/files/crds/*.yaml', { cwd: root }).flatMap((path) =>
  (parse(read(path)) as Definition).spec.versions.map(({ schema }) => schema.openAPIV3Schema),
);

/** Fields of objects of Kubernetes that pages name. */
const ofKubernetes = new Set(['spec.paused', 'spec.unschedulable', 'spec.nodeName']);

/** In code spans: "`.status.impact`", "`status.drain.kept`", "`.status.blockers[0].code`". */
const pathsIn = (text: string): readonly string[] =>
  Array.from(text.matchAll(/`\.?((?:status|spec)(?:\.[A-Za-z]+(?:\[\d*\])?)+)/g), ([, path = '']) =>
    path.replaceAll(/\[\d*\]/g, ''),
  );

function has(schema: Schema | undefined, [name, ...rest]: readonly string[]): boolean {
  if (schema === undefined) return false;
  if (name === undefined) return true;
  return has((schema.items ?? schema).properties?.[name], rest);
}

const isKnown = (path: string): boolean =>
  ofKubernetes.has(path) || schemas.some((schema) => has(schema, path.split('.')));

const sources = globSync('src/**/*.ts', { cwd: root }).map((path) => ({
  path,
  text: readFileSync(join(root, path), 'utf8'),
}));
const written = pages.filter(({ path }) => path !== 'CHANGELOG.md' && !path.startsWith('docs/decisions/'));

describe('fields of the record that people are told of', () => {
  it('are in the schema of a custom resource', () => {
    const named = [...written, ...sources].flatMap(({ path, text }) =>
      pathsIn(text).map((field) => ({ path, field })),
    );
    expect(named.length).toBeGreaterThan(10);
    expect(named.filter(({ field }) => !isKnown(field))).toEqual([]);
  });

  it('would be missed', () => {
    const text = 'See `.status.blockers[0].code`, `status.nowhere` and `.spec.endBoot`.';
    expect(pathsIn(text)).toEqual(['status.blockers.code', 'status.nowhere', 'spec.endBoot']);
    expect(pathsIn(text).map(isKnown)).toEqual([true, false, true]);
  });
});
