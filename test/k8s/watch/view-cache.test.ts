/** One object has two sources: the watch, and our own writes. An older version never replaces a newer one. */
import { describe, expect, it } from 'vitest';
import { ViewCache } from '../../../src/k8s/watch/view-cache.ts';
import { textAt } from '../../../src/k8s/api/json-value.ts';

const thing = (resourceVersion: string, color: string) => ({
  metadata: { name: 'a', resourceVersion },
  color,
});

function views() {
  const told: (string | undefined)[] = [];
  const kept = new ViewCache<string>(
    {
      reduce: (object) => textAt(object, 'color'),
      keyOf: (object) => textAt(object, 'metadata', 'name') ?? '',
    },
    (key) => void told.push(kept.get(key)),
  );
  return { kept, told };
}
/** Of our own write; it is told of when it is there. */
function written() {
  const { kept, told } = views();
  kept.apply(thing('20', 'red'));
  return { kept, told };
}

describe('over a newer write of our own', () => {
  it('an older event of the watch changes nothing', () => {
    const { kept, told } = written();
    kept.apply(thing('9', 'blue'));
    expect([kept.get('a'), told]).toEqual(['red', ['red']]);
  });

  it('the end of an earlier object of this name changes nothing', () => {
    const { kept, told } = written();
    kept.remove(thing('19', 'blue'));
    expect([kept.get('a'), told]).toEqual(['red', ['red']]);
  });

  it('an older list that does not hold the object, or holds it as it was, changes nothing', () => {
    const { kept, told } = written();
    kept.replace([], '19');
    kept.replace([{ key: 'a', version: '9', view: 'blue' }], '19');
    expect([kept.get('a'), told]).toEqual(['red', ['red']]);
  });
});

describe('what is newer', () => {
  it('is taken, and told of once', () => {
    const { kept, told } = written();
    kept.apply(thing('100', 'blue'));
    kept.apply(thing('101', 'blue'));
    expect([kept.get('a'), told]).toEqual(['blue', ['red', 'blue']]);
  });

  it('removes, as an event and as a list', () => {
    const [event, list] = [written(), written()];
    event.kept.remove(thing('21', 'red'));
    list.kept.replace([], '21');
    expect([event.kept.get('a'), list.kept.get('a')]).toEqual([undefined, undefined]);
  });
});
