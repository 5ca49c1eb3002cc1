import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { matchesAny, matchesGlob } from '../../../src/reboot/policy/glob.ts';

describe('globs', () => {
  it.each([
    ['kube-system/cni', 'kube-system/cni', true],
    ['kube-system/*', 'kube-system/cni', true],
    ['*/cni', 'kube-system/cni', true],
    ['kube-system/cn?', 'kube-system/cni', true],
    ['kube-system/cn?', 'kube-system/cn', false],
    ['kube-system/cni', 'kube-system/cni-2', false],
    ['cni', 'kube-system/cni', false],
    ['linux-*-generic', 'linux-image-6.8.0-49-generic', true],
    ['linux-*-generic', 'linux-image-6.8.0-49-lowlatency', false],
    ['*a*b', 'xaxbxab', true],
    ['*', '', true],
    ['', '', true],
    ['', 'x', false],
    ['lib.c', 'libxc', false],
  ])('%s and %s: %s', (pattern, text, matches) => {
    expect(matchesGlob(pattern, text)).toBe(matches);
  });
  it('agree with the regular expression that says the same', () => {
    const piece = fc.constantFrom('a', 'b', '*', '?', '.');
    let matched = 0;
    fc.assert(
      fc.property(
        fc.string({ unit: piece, maxLength: 6 }),
        fc.string({ unit: fc.constantFrom('a', 'b', '.'), maxLength: 8 }),
        (pattern, text) => {
          const source = pattern.replaceAll('.', '\\.').replaceAll('*', '.*').replaceAll('?', '.');
          const expected = new RegExp(`^${source}$`).test(text);
          if (expected) matched += 1;
          expect(matchesGlob(pattern, text)).toBe(expected);
        },
      ),
      { numRuns: 2000 },
    );
    expect(matched).toBeGreaterThan(50);
  });
  it('take no time that grows with the power of their stars', () => {
    expect(matchesGlob('*a'.repeat(100), `${'a'.repeat(5_000)}b`)).toBe(false);
  });
  it('any of several will do', () => {
    expect(matchesAny(['x', 'a*'], 'abc')).toBe(true);
    expect(matchesAny([], 'abc')).toBe(false);
  });
});
