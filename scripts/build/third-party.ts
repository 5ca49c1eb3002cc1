// The packages whose code is in the bundles, with the licences that have to go with it.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface BundledPackage {
  readonly name: string;
  readonly version: string;
  /** SPDX expression, as its package.json says. */
  readonly license: string;
  /** The texts of its licence and notice files; empty where it ships none. */
  readonly texts: readonly string[];
}

/** The folder of the package of a bundled file; undefined for our own. */
export function packageFolder(input: string): string | undefined {
  const place = input.lastIndexOf('node_modules/');
  if (place < 0) return undefined;
  const segments = input.slice(place).split('/');
  return input.slice(0, place) + segments.slice(0, segments[1]?.startsWith('@') ? 3 : 2).join('/');
}

/** The packages of bundled files, each version once, by name. */
export const packagesOf = (inputs: readonly string[], root: string): readonly BundledPackage[] =>
  packagesIn(inputs.flatMap((input) => packageFolder(input) ?? []).map((folder) => join(root, folder)));

/** The packages in the folders, each version once, by name. */
export function packagesIn(folders: readonly string[]): readonly BundledPackage[] {
  const packages = [...new Set(folders)].flatMap((folder) => readPackage(folder) ?? []);
  const once = new Map(packages.map((each) => [`${each.name}@${each.version}`, each]));
  return [...once.values()].toSorted(
    (a, b) => a.name.localeCompare(b.name, 'en') || a.version.localeCompare(b.version, 'en'),
  );
}

function readPackage(folder: string): BundledPackage | undefined {
  const path = join(folder, 'package.json');
  if (!existsSync(path)) return undefined;
  const {
    name = '',
    version = '',
    license = '',
  } = JSON.parse(readFileSync(path, 'utf8')) as { name?: string; version?: string; license?: string };
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && /^(licen[cs]e|copying|notice)([.-].*)?$/i.test(entry.name))
    .map((entry) => readFileSync(join(folder, entry.name), 'utf8').trim());
  return { name, version, license, texts };
}

const rule = '-'.repeat(80);

export const notices = (packages: readonly BundledPackage[]): string =>
  [
    'The programs of Tugboot contain code of these packages. Their licences follow.',
    '',
    ...packages.map(({ name, version, license }) => `  ${name} ${version} (${license})`),
    '',
    ...packages.flatMap(({ name, version, license, texts }) => [
      rule,
      `${name} ${version}`,
      '',
      ...(texts.length > 0 ? texts : [`License: ${license}. The package ships no text of it.`]),
      '',
    ]),
  ].join('\n');
