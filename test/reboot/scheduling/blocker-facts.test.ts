import { describe, expect, it } from 'vitest';
import {
  beforeItsTime,
  type BlockerFacts,
  blockerFacts,
  clearedByAnyTurn,
  clearedByApproval,
  clearedByApprovers,
  clearedByRetry,
  clearedByTurn,
  haltsRollout,
  inRolloutView,
  limitedByJobsWait,
  watchedInNodes,
} from '../../../src/reboot/scheduling/blockers/blocker-facts.ts';
import type { BlockerCode } from '../../../src/reboot/scheduling/blockers/blockers.ts';

/** Named one by one: a row that is changed by mistake changes what Tugboot does with that blocker. */
describe.each<{
  readonly what: string;
  readonly set: ReadonlySet<BlockerCode>;
  readonly has: readonly string[];
}>([
  {
    what: 'clear when a Reboot of the same pool releases its turn',
    set: clearedByTurn,
    has: ['turn-taken', 'cluster-turns-taken', 'control-plane-busy', 'zone-busy', 'too-many-out'],
  },
  {
    what: 'clear when a Reboot of any pool releases its turn',
    set: clearedByAnyTurn,
    has: ['cluster-turns-taken'],
  },
  {
    what: 'clear when a person approves for now',
    set: clearedByApproval,
    has: ['reboot-loop', 'rule-withdrawn', 'would-not-finish'],
  },
  {
    what: 'clear when a person retries the drain',
    set: clearedByRetry,
    has: ['drain-undone', 'drain-needs-person'],
  },
  {
    what: 'say that the time of the approval has not come',
    set: beforeItsTime,
    has: ['outside-window', 'calendar-unread', 'rollout-waits'],
  },
  {
    what: "are said by a field of the rollout's view already",
    set: inRolloutView,
    has: ['rollout-waits', 'rollout-halted', 'pool-halted'],
  },
  {
    what: 'can clear when another node changes',
    set: watchedInNodes,
    has: ['control-plane-unhealthy'],
  },
  { what: 'halt the whole rollout', set: haltsRollout, has: ['rollout-halted'] },
  { what: 'count against gates.waitForJobs', set: limitedByJobsWait, has: ['jobs-running'] },
  { what: 'are cleared by those who may approve', set: clearedByApprovers, has: ['approvals-missing'] },
])('the blockers that $what', ({ set, has }) => {
  it('are these, and no others', () => {
    expect([...set].toSorted()).toEqual([...has].toSorted());
  });
});

describe('the facts of a blocker', () => {
  const every = Object.entries<BlockerFacts>(blockerFacts);

  it('say who or what clears it, each once', () => {
    expect(every.filter(([, { clearedBy }]) => clearedBy.length === 0)).toEqual([]);
    expect(every.filter(([, { clearedBy }]) => new Set(clearedBy).size < clearedBy.length)).toEqual([]);
  });

  it('offer a button only where a person clears it', () => {
    expect(every.filter(([, { button, clearedBy }]) => button && !clearedBy.includes('person'))).toEqual([]);
  });
});
