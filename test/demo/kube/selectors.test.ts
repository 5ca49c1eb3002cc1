import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  fieldMatcher,
  parseFieldSelector,
  parseLabelSelector,
  readLabelSelector,
} from '../../../demo/kube/lists/selectors.ts';

const key = fc.constantFrom('app', 'tier', 'tugboot.dev/pool');
const value = fc.constantFrom('a', 'b', 'c');
const labels = fc.dictionary(key, value);

describe('label selectors', () => {
  it('understands equality as membership in a set of one', () => {
    fc.assert(
      fc.property(key, value, labels, (k, v, set) => {
        const has = set[k] === v;
        for (const text of [`${k}=${v}`, `${k}==${v}`, `${k} in (${v})`])
          expect(parseLabelSelector(text)(set)).toBe(has);
        for (const text of [`${k}!=${v}`, `${k} notin (${v})`])
          expect(parseLabelSelector(text)(set)).toBe(!has);
      }),
    );
  });
  it('matches what all of its terms match', () => {
    const term = fc.oneof(
      fc.tuple(key, value).map(([k, v]) => `${k}=${v}`),
      key,
      key.map((k) => `!${k}`),
      fc.tuple(key, fc.uniqueArray(value, { minLength: 1 })).map(([k, vs]) => `${k} in (${vs.join(', ')})`),
    );
    fc.assert(
      fc.property(fc.array(term, { minLength: 1 }), labels, (terms, set) => {
        expect(parseLabelSelector(terms.join(','))(set)).toBe(
          terms.every((one) => parseLabelSelector(one)(set)),
        );
      }),
    );
  });
  it('reads the object form like the text form', () => {
    fc.assert(
      fc.property(key, value, labels, (k, v, set) => {
        const operators = {
          In: `${k} in (${v})`,
          NotIn: `${k} notin (${v})`,
          Exists: k,
          DoesNotExist: `!${k}`,
        };
        for (const [operator, text] of Object.entries(operators)) {
          const values = operator.endsWith('In') ? [v] : [];
          const selector = { matchExpressions: [{ key: k, operator, values }] };
          expect(readLabelSelector(selector)(set)).toBe(parseLabelSelector(text)(set));
        }
      }),
    );
  });
  it('matches everything when it is empty, and nothing when it is absent', () => {
    fc.assert(
      fc.property(labels, (set) => {
        expect(parseLabelSelector('')(set)).toBe(true);
        for (const empty of [{}, { matchLabels: {} }, { matchLabels: {}, matchExpressions: [] }])
          expect(readLabelSelector(empty)(set)).toBe(true);
        for (const absent of [undefined, null]) expect(readLabelSelector(absent)(set)).toBe(false);
      }),
    );
  });
  it.each(['=a', 'a b', 'app in (', 'app=a b', 'app in (a b)'])('refuses %j', (text) => {
    expect(() => parseLabelSelector(text)).toThrow(/unable to parse requirement/);
  });
});

describe('field selectors', () => {
  const pod = { metadata: { name: 'web-1' }, spec: { nodeName: 'n1' } };
  it('compares the text of a field, and takes a missing one for empty', () => {
    const matches = (text: string): boolean =>
      fieldMatcher(parseFieldSelector(text), ['spec.nodeName', 'status.phase'])(pod);
    expect(matches('spec.nodeName=n1,status.phase!=Failed')).toBe(true);
    expect(matches('spec.nodeName!=n1')).toBe(false);
    expect(matches('status.phase=')).toBe(true);
  });
});
