import { describe, expect, it } from 'vitest';
import { read, rows, section } from './pages.ts';

const page = read('docs/dependencies.md');

const manifest = JSON.parse(read('package.json')) as Readonly<
  Record<'dependencies' | 'devDependencies' | 'optionalDependencies', Readonly<Record<string, string>>>
>;

interface Locked {
  readonly license?: string;
  readonly dev?: boolean;
}
const { packages } = JSON.parse(read('package-lock.json')) as {
  readonly packages: Readonly<Record<string, Locked>>;
};

describe('the dependencies', () => {
  it('each have a reason', () => {
    const reasons = rows(page).flatMap(([name = '']) =>
      name.startsWith('`') ? [name.replaceAll('`', '')] : [],
    );
    const named = [manifest.dependencies, manifest.devDependencies, manifest.optionalDependencies];
    expect(reasons.toSorted()).toEqual(named.flatMap((some) => Object.keys(some)).toSorted());
  });

  it('have licences that are allowed, those that are shipped and those of tools', () => {
    const [shippable = '', toolsOnly = ''] = section(page, '## Licences').split('For tools');
    const expressions = (text: string): string[] => text.match(/\b[A-Z0-9][\w]*[\d.-]*[\w.-]*\b/g) ?? [];
    const shipped = new Set(
      expressions(shippable).filter((word) => /^(MIT|ISC|0BSD|Unlicense)$|-\d/.test(word)),
    );
    const tools = new Set([...shipped, ...expressions(toolsOnly).filter((word) => /-\d/.test(word))]);
    expect(shipped.size).toBe(9);
    expect(tools.has('MPL-2.0')).toBe(true);
    const wrong = Object.entries(packages).filter(([path, { license = '?', dev = false }]) => {
      const allowed = dev ? tools : shipped;
      return path !== '' && !license.split(' AND ').every((each) => allowed.has(each));
    });
    expect(wrong).toEqual([]);
  });
});
