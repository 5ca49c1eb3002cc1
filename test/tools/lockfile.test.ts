import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

interface Entry {
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

type Packages = Readonly<Record<string, Entry>>;

/** Where Node would look for a package, from inside another one. */
function placesOf(name: string, from: string): readonly string[] {
  const above = from.includes('/node_modules/')
    ? placesOf(name, from.slice(0, from.lastIndexOf('/node_modules/')))
    : [];
  const own = from === '' ? [] : [`${from}/node_modules/${name}`];
  return [...own, ...above, `node_modules/${name}`];
}

describe.each(['package-lock.json', 'test/tools/package-lock.json'])('%s', (file) => {
  const { packages } = JSON.parse(readFileSync(file, 'utf8')) as { packages: Packages };
  const edges = Object.entries(packages).flatMap(
    ([from, { dependencies, devDependencies, optionalDependencies }]) =>
      Object.keys({ ...dependencies, ...(from === '' ? devDependencies : {}), ...optionalDependencies }).map(
        (name) => ({
          from,
          name,
        }),
      ),
  );

  // npm leaves out what a registry did not have when the file was written, and then refuses the file where it
  // has it: `npm ci` fails.
  it('has an entry for every package that is asked for, those for other platforms included', () => {
    expect(edges.length).toBeGreaterThan(0);
    const missing = edges.filter(
      ({ from, name }) => !placesOf(name, from).some((place) => place in packages),
    );
    expect(missing).toEqual([]);
  });

  it('names no registry: each machine has its own', () => {
    expect(Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined)).toEqual([]);
  });

  it('asks for what package.json asks for', () => {
    const wanted = JSON.parse(readFileSync(file.replace('package-lock', 'package'), 'utf8')) as Entry;
    for (const kind of ['dependencies', 'devDependencies', 'optionalDependencies'] as const)
      expect(packages['']?.[kind], kind).toEqual(wanted[kind]);
  });
});
