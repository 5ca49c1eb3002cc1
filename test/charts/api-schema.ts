/**
 * The fields of the built-in kinds in one version of Kubernetes, from the Go module k8s.io/client-go of that
 * version, which has them as data.
 */
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parse } from 'yaml';

const run = promisify(execFile);

interface Shape {
  readonly namedType?: string;
  readonly scalar?: 'string' | 'numeric' | 'boolean' | 'untyped';
  readonly list?: { readonly elementType: Shape };
  readonly map?: {
    readonly fields?: readonly { readonly name: string; readonly type: Shape }[];
    readonly elementType?: Shape;
  };
}

export interface ApiSchema {
  /** Undefined where this version does not serve the kind. */
  kind(apiVersion: string, kind: string): Shape | undefined;
  /** What is wrong with a value: a field that there is none of, or a value of another type. */
  problems(value: unknown, shape: Shape, path: string): readonly string[];
}

/** Such as 1.30: downloads its module, unless the cache of Go has it. */
export async function apiSchema(version: string): Promise<ApiSchema> {
  const folder = mkdtempSync(join(tmpdir(), 'tugboot-api-'));
  writeFileSync(join(folder, 'go.mod'), 'module schemas\n\ngo 1.21\n');
  const module = `k8s.io/client-go@v0.${version.split('.')[1]}.0`;
  const env = { ...process.env, GOTOOLCHAIN: 'local', GOFLAGS: '-mod=mod' };
  const { stdout } = await run('go', ['mod', 'download', '-json', module], { cwd: folder, env });
  const { Dir: source } = JSON.parse(stdout) as { Dir: string };
  const text = readFileSync(join(source, 'applyconfigurations/internal/internal.go'), 'utf8');
  return schemaOf(text.slice(text.indexOf('`types:') + 1, text.lastIndexOf('`')));
}

function schemaOf(text: string): ApiSchema {
  const { types } = parse(text) as { types: readonly (Shape & { readonly name: string })[] };
  const named = new Map(types.map((type) => [type.name, type]));
  const resolved = (shape: Shape): Shape =>
    shape.namedType === undefined ? shape : (named.get(shape.namedType) ?? { scalar: 'untyped' });
  const problems = (value: unknown, shape: Shape, path: string): readonly string[] => {
    // Written as a number or as a text.
    if (shape.namedType?.endsWith('.Quantity') === true)
      return typeof value === 'string' || typeof value === 'number' ? [] : [`${path} is no quantity`];
    const { scalar, list, map } = resolved(shape);
    if (scalar === 'untyped' || value === null || value === undefined) return [];
    if (Array.isArray(value))
      return list
        ? value.flatMap((one, index) => problems(one, list.elementType, `${path}[${index}]`))
        : [`${path} is no list`];
    if (typeof value === 'object')
      return map
        ? Object.entries(value).flatMap(([name, one]) => {
            const field = map.fields?.find((each) => each.name === name)?.type ?? map.elementType;
            return field ? problems(one, field, `${path}.${name}`) : [`${path}.${name} is unknown`];
          })
        : [`${path} is no object`];
    const wanted = { string: 'string', number: 'numeric', boolean: 'boolean' }[typeof value as 'string'];
    return scalar === wanted ? [] : [`${path} is a ${typeof value}`];
  };
  return {
    kind: (apiVersion, kind) => {
      const [group = '', version = apiVersion] = apiVersion.includes('/') ? apiVersion.split('/') : ['core'];
      return named.get(`io.k8s.api.${group.split('.')[0]}.${version}.${kind}`);
    },
    problems,
  };
}
