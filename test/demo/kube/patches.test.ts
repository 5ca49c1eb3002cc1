import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Json, type JsonObject } from '../../../demo/kube/json.ts';
import { applyJsonPatch } from '../../../demo/kube/patches/json-patch.ts';
import { applyMergePatch } from '../../../demo/kube/patches/merge-patch.ts';
import { applyStrategicMerge } from '../../../demo/kube/patches/strategic-merge.ts';

const key = fc.constantFrom('a', 'b', 'c/d', 'e~f');
const scalar = fc.oneof(fc.constant(null), fc.boolean(), fc.integer(), fc.constantFrom('', 'x', 'y'));
const json = fc.letrec<{ value: Json }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(key, tie('value'), { maxKeys: 3 }),
  ),
})).value;
const object = fc.dictionary(key, json, { maxKeys: 4 });

const isPlain = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** RFC 7386 by its own pseudo-code, with mutation, so that it shares nothing with the code under test. */
function oracleMerge(target: Json, patch: Json): Json {
  if (!isPlain(patch)) return patch;
  const result: Record<string, Json> = isPlain(target)
    ? (structuredClone(target) as Record<string, Json>)
    : {};
  for (const name of Object.keys(patch)) {
    const value = patch[name] ?? null;
    if (value === null) delete result[name];
    else result[name] = oracleMerge(result[name] ?? null, value);
  }
  return result;
}

/** Every place in a document, as a JSON pointer with what stands there. */
function places(value: Json, pointer = ''): readonly (readonly [string, Json])[] {
  const inside = Array.isArray(value)
    ? value.map((item: Json, index): readonly [string, Json] => [String(index), item])
    : isPlain(value)
      ? Object.entries(value)
      : [];
  return [
    [pointer, value],
    ...inside.flatMap(([name, item]) =>
      places(item, `${pointer}/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`),
    ),
  ];
}

describe('merge patches', () => {
  it('do what RFC 7386 says', () => {
    fc.assert(
      fc.property(json, json, (target, patch) => {
        expect(applyMergePatch(target, patch)).toEqual(oracleMerge(target, patch));
      }),
    );
  });
  it('leave the document as it was', () => {
    fc.assert(
      fc.property(object, object, (target, patch) => {
        const before = structuredClone(target);
        applyMergePatch(target, patch);
        expect(target).toEqual(before);
      }),
    );
  });
  it('take __proto__ for a key like any other', () => {
    const merged = applyMergePatch({}, JSON.parse('{"__proto__":{"polluted":true}}') as Json);
    expect(JSON.stringify(merged)).toBe('{"__proto__":{"polluted":true}}');
    expect('polluted' in {}).toBe(false);
  });
});

describe('JSON patches', () => {
  const at = (document: Json, pointer: string): Json | undefined =>
    places(document).find(([place]) => place === pointer)?.[1];

  it('find every place of a document by a test of its value', () => {
    fc.assert(
      fc.property(object, (document) => {
        const tests = places(document).map(([path, value]) => ({ op: 'test', path, value }));
        expect(applyJsonPatch(document, tests)).toEqual(document);
      }),
    );
  });
  it('replace what stands at a place, and nothing else', () => {
    fc.assert(
      fc.property(object, scalar, fc.nat(), (document, value, pick) => {
        const all = places(document);
        const [path] = all[pick % all.length] ?? ['', null];
        const replaced = applyJsonPatch(document, [{ op: 'replace', path, value }]);
        expect(at(replaced, path)).toEqual(value);
        const untouched = (place: string): boolean => !place.startsWith(path) && !path.startsWith(place);
        for (const [place, old] of all.filter(([one]) => untouched(one)))
          expect(at(replaced, place)).toEqual(old);
      }),
    );
  });
  it('undo an added key by removing it', () => {
    fc.assert(
      fc.property(object, json, (document, value) => {
        const added = applyJsonPatch(document, [{ op: 'add', path: '/new', value }]);
        expect(applyJsonPatch(added, [{ op: 'remove', path: '/new' }])).toEqual(document);
      }),
    );
  });
  it.each([
    [
      'insert into a list',
      [{ op: 'add', path: '/list/1', value: 'x' }],
      { list: ['a', 'x', 'b'], map: { k: 'v' } },
    ],
    [
      'append to a list',
      [{ op: 'add', path: '/list/-', value: 'x' }],
      { list: ['a', 'b', 'x'], map: { k: 'v' } },
    ],
    ['move a value', [{ op: 'move', from: '/map/k', path: '/list/0' }], { list: ['v', 'a', 'b'], map: {} }],
    [
      'copy a value',
      [{ op: 'copy', from: '/map', path: '/other' }],
      { list: ['a', 'b'], map: { k: 'v' }, other: { k: 'v' } },
    ],
  ])('can %s', (_what, patch, expected) => {
    expect(applyJsonPatch({ list: ['a', 'b'], map: { k: 'v' } }, patch)).toEqual(expected);
  });
  it.each([
    ['a test of another value', [{ op: 'test', path: '/map/k', value: 'w' }]],
    ['removing what is not there', [{ op: 'remove', path: '/none' }]],
    ['replacing what is not there', [{ op: 'replace', path: '/none', value: 1 }]],
    ['adding below what is not there', [{ op: 'add', path: '/none/x', value: 1 }]],
    ['an index beyond the list', [{ op: 'add', path: '/list/3', value: 1 }]],
    ['an index with a leading zero', [{ op: 'remove', path: '/list/00' }]],
    ['an operation that does not exist', [{ op: 'melt', path: '/map' }]],
    ['a pointer without a slash', [{ op: 'remove', path: 'map' }]],
  ])('are refused whole for %s', (_what, patch) => {
    expect(() => applyJsonPatch({ list: ['a', 'b'], map: { k: 'v' } }, patch)).toThrow(
      /the server rejected our request/,
    );
  });
});

describe('strategic merge patches', () => {
  it('merge as RFC 7386 does where no list is met', () => {
    const noLists = fc.letrec<{ value: Json }>((tie) => ({
      value: fc.oneof({ depthSize: 'small' }, fc.integer(), fc.dictionary(key, tie('value'), { maxKeys: 3 })),
    })).value;
    const tree = fc.dictionary(key, noLists, { maxKeys: 4 });
    fc.assert(
      fc.property(tree, tree, (target, patch) => {
        expect(applyStrategicMerge(target, patch)).toEqual(oracleMerge(target, patch));
      }),
    );
  });
  it('merge conditions by type, keep the others, and add new ones at the end', () => {
    const target = {
      conditions: [
        { type: 'Ready', status: 'True', reason: 'r' },
        { type: 'Disk', status: 'False' },
      ],
    };
    const patch = {
      conditions: [
        { type: 'New', status: 'True' },
        { type: 'Ready', status: 'False' },
      ],
    };
    expect(applyStrategicMerge(target, patch)).toEqual({
      conditions: [
        { type: 'Ready', status: 'False', reason: 'r' },
        { type: 'Disk', status: 'False' },
        { type: 'New', status: 'True' },
      ],
    });
  });
  it('delete an item by directive, and replace a list by directive', () => {
    const target = {
      conditions: [
        { type: 'Ready', status: 'True' },
        { type: 'Disk', status: 'False' },
      ],
    };
    expect(applyStrategicMerge(target, { conditions: [{ $patch: 'delete', type: 'Ready' }] })).toEqual({
      conditions: [{ type: 'Disk', status: 'False' }],
    });
    expect(
      applyStrategicMerge(target, { conditions: [{ type: 'A', status: 'x' }, { $patch: 'replace' }] }),
    ).toEqual({ conditions: [{ type: 'A', status: 'x' }] });
  });
  it('replace the taints of a node: their type has no strategy', () => {
    const target = { spec: { taints: [{ key: 'a', effect: 'NoSchedule' }] } };
    expect(applyStrategicMerge(target, { spec: { taints: [{ key: 'b', effect: 'NoSchedule' }] } })).toEqual({
      spec: { taints: [{ key: 'b', effect: 'NoSchedule' }] },
    });
  });
});
