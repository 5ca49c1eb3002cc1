import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chaosStory } from '../fakes/chaos/story.ts';
import { runsOf } from '../property-runs.ts';

const runs = runsOf(100);

describe('the promises, whatever happens between any two calls', () => {
  it('hold through death, frost, lost answers, stale watches, a flushed queue, people, kubectl, budgets, gates and hooks', async () => {
    const met = new Map<string, number>();
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: 2 ** 31 - 1 }), async (seed) => {
        for (const phase of await chaosStory(seed, 1_050)) met.set(phase, (met.get(phase) ?? 0) + 1);
      }),
      { numRuns: runs, endOnFailure: true },
    );
    // Stories in which nothing happens prove nothing.
    for (const phase of ['Draining', 'Rebooting', 'Failed', 'Cancelled', 'Settling', 'Succeeded'])
      expect(met.get(phase), phase).toBeGreaterThan(runs / 4);
    for (const bound of ['as many out as may be', 'several out', 'turn alone', 'turn beside others'])
      expect(met.get(bound), bound).toBeGreaterThan(runs / 10);
    for (const hook of ['hook before', 'hook after', 'yes before', 'yes after', 'hook failed'])
      expect(met.get(hook), hook).toBeGreaterThan(runs / 30);
    for (const digest of ['digest', 'decided for many', 'left a digest'])
      expect(met.get(digest), digest).toBeGreaterThan(runs / 20);
    for (const rare of ['decided for several', 'spread interrupted'])
      expect(met.get(rare), rare).toBeGreaterThan(0);
    expect(met.get('without hook'), 'without hook').toBeGreaterThan(0);
    for (const rare of ['Undoing', 'put back', 'undone: timeout', 'held', 'before drain', 'before order'])
      expect(met.get(rare), rare).toBeGreaterThan(runs / 20);
  });
});
