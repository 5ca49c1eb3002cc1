import type {
  Approved,
  Draining,
  Failed,
  GivenUp,
  Reboot,
  Rebooting,
  RebootState,
  Settling,
  Undoing,
} from '../../src/reboot/state/reboot.ts';
import type { DrainRetry, Undo } from '../../src/reboot/state/undo-facts.ts';
import type { Blocker } from '../../src/reboot/scheduling/blockers/blockers.ts';
import type { BlockerSource, StoredBlocker } from '../../src/reboot/state/stored-blockers.ts';
import { minute, second } from '../../src/reboot/time/time.ts';
import { aDecision, aReboot, at, mia } from './builders.ts';

/** States of a Reboot that is under way at noon, and the Reboot around one. */
export const draining = (overrides: Partial<Draining> = {}): Draining => ({
  phase: 'Draining',
  since: at(-minute),
  deadline: at(14 * minute),
  decision: aDecision(),
  cordon: 'us',
  ...overrides,
});
export const rebooting = (overrides: Partial<Rebooting> = {}): Rebooting => ({
  phase: 'Rebooting',
  since: at(-minute),
  deadline: at(9 * minute),
  decision: aDecision(),
  cordon: 'us',
  drained: { startedAt: at(-3 * minute), endedAt: at(-minute), pods: 14 },
  ...overrides,
});
export const settling = (overrides: Partial<Settling> = {}): Settling => ({
  phase: 'Settling',
  since: at(-30 * second),
  deadline: at(10 * minute),
  decision: aDecision(),
  cordon: 'us',
  drained: { startedAt: at(-3 * minute), endedAt: at(-2 * minute), pods: 14 },
  orderedAt: at(-2 * minute),
  newBootId: 'boot-2',
  kernel: '6.8.0-49-generic',
  missing: [],
  ...overrides,
});
export const anUndo = (overrides: Partial<Undo> = {}): Undo => ({
  why: 'timeout',
  cause: 'budget db/pg allowed nothing for 15 min',
  times: 1,
  pods: ['db/pg-0'],
  budgets: ['db/pg'],
  ...overrides,
});
export const undoing = (overrides: Partial<Undoing> = {}): Undoing => ({
  phase: 'Undoing',
  since: at(-second),
  decision: aDecision(),
  cordon: 'us',
  undo: anUndo(),
  ...overrides,
});
/** Its drain was undone at noon. */
export const resting = (retry: Partial<DrainRetry> = {}): Approved => ({
  phase: 'Approved',
  since: at(0),
  decision: aDecision(),
  retry: { ...anUndo(), at: at(0), notBefore: at(5 * minute), ...retry },
});
export const failed = (overrides: Partial<Failed> = {}): Failed => ({
  phase: 'Failed',
  since: at(-minute),
  code: 'drain-timeout',
  sentence: 'The drain did not end in time.',
  from: draining(),
  ...overrides,
});

export const givenUp = ({ since = at(0), ...overrides }: Partial<GivenUp> = {}): GivenUp => ({
  ...failed(),
  phase: 'GivenUp',
  since,
  by: mia,
  failedAt: at(-minute),
  leaveCordoned: false,
  ...overrides,
});

/** What an end owes until it is cleaned up. */
export const owed = { cleanup: { since: at(0) } } as const;
export const cleanedUp = { cleanup: { since: at(0), endedAt: at(0) } } as const;

/** Blockers of an approved Reboot, found at noon. */
export const stored = (
  blockers: readonly Blocker[],
  source: BlockerSource = 'gatekeeper',
  when = at(0),
): readonly StoredBlocker[] =>
  blockers.map(({ code, sentence, clears }) => ({ code, sentence, clears, source, at: when }));

/** A drain that is being undone owes its clean-up. The clean-up of an end is over unless it is given. */
export const inState = (state: RebootState, overrides: Partial<Reboot> = {}): Reboot =>
  aReboot({ state, ...(state.phase === 'Undoing' ? owed : {}), ...overrides });
