import { describe, expect, it } from 'vitest';
import { podView } from '../../../src/k8s/pods/pod-view.ts';
import { PodCounts } from '../../../src/k8s/drain/counts.ts';
import type { DrainProgress } from '../../../src/reboot/state/drain-facts.ts';
import { toTimestamp } from '../../../src/reboot/time/time.ts';
import { noon } from '../../fakes/builders.ts';

const pods = (...uids: string[]) => uids.map((uid) => podView({ metadata: { name: uid, uid } }));
const progress = (total: number, gone: number, at = noon): DrainProgress => ({
  at: toTimestamp(at),
  total,
  gone,
  leaving: [],
  waiting: [],
  trouble: [],
});
/** Total and gone after each look at what is left. */
const counts = (before: DrainProgress | undefined, ...looks: string[][]): readonly number[][] => {
  const drained = new PodCounts(before, noon);
  return looks.map((uids) => {
    const moving = pods(...uids);
    drained.count(moving);
    return [drained.total(), drained.gone(moving)];
  });
};

describe('the pod counts of a drain', () => {
  it('counts each pod once, those that arrive later included', () => {
    expect(counts(undefined, ['a', 'b'], ['b', 'c'], [])).toEqual([
      [2, 0],
      [3, 1],
      [3, 3],
    ]);
  });

  it('goes on from what was told, and counts what went while nobody looked', () => {
    expect(counts(progress(10, 4), ['a', 'b'], ['b'], [])).toEqual([
      [10, 8],
      [10, 9],
      [10, 10],
    ]);
    expect(counts(progress(10, 9), [])).toEqual([[10, 10]]);
  });

  it('never takes back what was told as gone, when pods have come instead', () => {
    expect(counts(progress(3, 2), ['a', 'b', 'c', 'd'])).toEqual([[6, 2]]);
  });

  it('begins anew where the progress is of an earlier drain', () => {
    expect(counts(progress(10, 4, noon - 1), ['a'])).toEqual([[1, 0]]);
  });
});
