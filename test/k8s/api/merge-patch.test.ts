import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyMergePatch } from '../../../demo/kube/patches/merge-patch.ts';
import { mergePatchOf } from '../../../src/k8s/api/merge-patch.ts';

describe('a merge patch', () => {
  it.each([
    ['says what is new', { a: 1 }, { a: 1, b: 2 }, { b: 2 }],
    ['says what has changed, however deep', { a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    ['takes away what is gone', { a: 1, b: { c: 1 } }, { a: 1 }, { b: null }],
    ['replaces a list as a whole', { a: [1, 2] }, { a: [1, 3] }, { a: [1, 3] }],
    ['says nothing where nothing differs', { a: { b: [1] } }, { a: { b: [1] } }, undefined],
    ['leaves out what is undefined', { a: 1 }, { a: 1, b: undefined }, undefined],
  ])('%s', (_what, before, after, patch) => {
    expect(mergePatchOf(before, after)).toEqual(patch);
  });

  it('brings anything without null in it to anything else', () => {
    const { value } = fc.letrec((tie) => ({
      value: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.array(fc.string()), tie('members')),
      members: fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), tie('value'), { noNullPrototype: true }),
    }));
    const object = fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), value, { noNullPrototype: true });
    let changed = 0;
    fc.assert(
      fc.property(object, object, (before, after) => {
        const patch = mergePatchOf(before, after);
        if (patch !== undefined) changed += 1;
        expect(applyMergePatch(before as never, (patch ?? {}) as never)).toEqual(after);
      }),
      { numRuns: 1000 },
    );
    expect(changed).toBeGreaterThan(500);
  });
});
