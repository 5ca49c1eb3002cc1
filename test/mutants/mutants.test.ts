/** The mutants themselves are not tried here: `npm run mutants` does that. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { allMutants } from './all-mutants.ts';
import { type Mutant, mutated } from './mutant.ts';

const aMutant: Mutant = {
  name: 'always yes',
  promise: 3,
  file: 'src/a.ts',
  line: 'return isAllowed;',
  becomes: 'return true;',
  suite: ['test/a.test.ts'],
};

describe('a mutant', () => {
  it('replaces its line and nothing else', () => {
    expect(mutated(aMutant, 'first();\nreturn isAllowed;\n')).toBe('first();\nreturn true;\n');
  });

  it('is written as it is, whatever a replacement means to JavaScript', () => {
    expect(mutated({ ...aMutant, becomes: "'$&'" }, 'return isAllowed;')).toBe("'$&'");
  });

  it.each([
    ['is missing', 'return true;'],
    ['occurs twice', 'return isAllowed;\nreturn isAllowed;'],
  ])('does not apply where its line %s', (_, text) => {
    expect(() => mutated(aMutant, text)).toThrow('The mutant "always yes" does not apply');
  });

  it('does not apply where it changes nothing', () => {
    expect(() => mutated({ ...aMutant, becomes: aMutant.line }, aMutant.line)).toThrow('does not apply');
  });
});

describe('the list of mutants', () => {
  const texts = new Map<string, string>();
  const textOf = (file: string): string => {
    const text = texts.get(file) ?? readFileSync(file, 'utf8');
    texts.set(file, text);
    return text;
  };

  it.each(allMutants.map((mutant) => [mutant.name, mutant] as const))('applies: %s', (_, mutant) => {
    expect(() => mutated(mutant, textOf(mutant.file))).not.toThrow();
    expect(mutant.suite.filter((file) => !existsSync(file))).toEqual([]);
    expect(mutant.suite.length).toBeGreaterThan(0);
  });

  it('has many for each promise, each with a name of its own', () => {
    expect(new Set(allMutants.map(({ name }) => name)).size).toBe(allMutants.length);
    expect(allMutants.length).toBeGreaterThanOrEqual(120);
    for (const promise of [1, 2, 3, 4, 5, 6, 7, 8])
      expect(allMutants.filter((mutant) => mutant.promise === promise).length).toBeGreaterThanOrEqual(10);
  });
});
