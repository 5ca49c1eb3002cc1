import { describe, expect, it } from 'vitest';
import { type ShownList, withList } from '../../../src/reboot/shown-list/shown-list.ts';
import { readLists, writeLists } from '../../../src/reboot/shown-list/stored-lists.ts';
import { hour, minute, toTimestamp } from '../../../src/reboot/time/time.ts';
import { mia, noon } from '../../fakes/builders.ts';

const aList = (id: string, nodes = 2, more: Partial<ShownList> = {}): ShownList => ({
  id,
  at: toTimestamp(noon),
  request: { kind: 'approve', mode: 'now' },
  entries: Array.from({ length: nodes }, (_, nth) => ({
    reboot: `n${nth}-1`,
    pool: nth % 2 === 0 ? 'workers' : 'db',
    digest: `d${nth % 3}`,
  })),
  ...more,
});

const pending = { by: mia, at: toTimestamp(noon) };
const idsOf = (lists: readonly ShownList[] | 'full') => lists !== 'full' && lists.map(({ id }) => id);

describe('the shown lists', () => {
  it('are forgotten after their button is too old, unless their decision is still being applied', () => {
    const lists = [aList('old'), aList('pending', 2, { decision: pending })];
    const later = noon + hour + 2 * minute;
    const next = aList('new', 2, { at: toTimestamp(later) });
    expect(idsOf(withList(lists, next, later))).toEqual(['pending', 'new']);
    expect(idsOf(withList(lists, next, noon + minute))).toEqual(['old', 'pending', 'new']);
  });

  it('make room for a new one, the oldest first, and never lose a decision', () => {
    const large = [aList('first', 3000), aList('second', 3000), aList('third', 3000)];
    expect(idsOf(withList(large, aList('new', 3000), noon))).toEqual(['third', 'new']);
    const decided = [aList('first', 3000, { decision: pending }), aList('second', 3000)];
    expect(idsOf(withList(decided, aList('new', 3000), noon))).toEqual(['first', 'new']);
    expect(withList(decided, aList('new', 5000), noon)).toBe('full');
    expect(withList([], aList('new', 9000), noon)).toBe('full');
  });

  it('are read as they were written', () => {
    const lists = [
      aList('a', 5),
      aList('b', 0, { digest: { id: 'abc', revision: 3 }, request: { kind: 'deny', reason: 'no' } }),
      aList('c', 1, {
        decision: { ...pending, result: { at: toTimestamp(noon), applied: 1, refused: 0, refusals: [] } },
      }),
    ];
    expect(readLists(writeLists(lists))).toEqual(lists);
    expect(readLists('{')).toHaveProperty('problem');
    expect(readLists('[{}]')).toHaveProperty('problem');
  });
});
