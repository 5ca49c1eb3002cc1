/** The blockers of an approved Reboot, as stored: those of its last gate check, then those of the plan. */
import { z } from 'zod';
import { haltsRollout } from '../scheduling/blockers/blocker-facts.ts';
import type { Blocker, BlockerCode, Halt } from '../scheduling/blockers/blockers.ts';
import { type Instant, type Timestamp, toInstant, toTimestamp } from '../time/time.ts';
import { choice, list, type Stored, text, time } from '../schema/field.ts';

const source = choice(
  ['gatekeeper', 'plan'],
  'gatekeeper: a check of alerts, pods or a webhook before the start. plan: everything else. Those of the plan are for people who read the object.',
);
export type BlockerSource = Stored<typeof source>;

/** Unknown codes of other versions are kept: the sentence explains them. */
const storedBlocker = z.object({
  code: z
    .string()
    .transform((code) => code as BlockerCode)
    .meta({ description: 'What kind of blocker it is; docs/operations.md explains each.', maxLength: 256 }),
  sentence: text('The blocker, in words.'),
  clears: text('What would clear it.'),
  source,
  at: time('When it was found.'),
  // It is outdated, and does not block: the gates are checked again.
  cleared: time('When it was observed to be gone.').exactOptional(),
});
export type StoredBlocker = Stored<typeof storedBlocker>;

export const storedBlockers = list(
  storedBlocker,
  'Why it does not start. The first one is shown by kubectl get.',
  100,
);

export interface Blocked {
  readonly since: Timestamp;
  readonly blockers?: readonly StoredBlocker[];
}

const from = ({ blockers = [] }: Blocked, which: BlockerSource): readonly StoredBlocker[] =>
  blockers.filter((each) => each.source === which);

export const planBlockers = (state: Blocked): readonly StoredBlocker[] => from(state, 'plan');

/** The last gate check, where it blocks or did until it `cleared`. */
export interface GateCheck {
  readonly at: Timestamp;
  readonly cleared?: Timestamp;
  readonly blockers: readonly StoredBlocker[];
}

export function gateCheck(state: Blocked): GateCheck | undefined {
  const blockers = from(state, 'gatekeeper');
  const [first] = blockers;
  if (first === undefined) return undefined;
  return { at: first.at, blockers, ...(first.cleared === undefined ? {} : { cleared: first.cleared }) };
}

export const isBlockedByGates = (state: Blocked): boolean => {
  const check = gateCheck(state);
  return check !== undefined && check.cleared === undefined;
};

/** Blockers as found: without what only the record has. */
export const asFound = ({ code, sentence, clears }: StoredBlocker): Blocker => ({ code, sentence, clears });

/** What halts the rollout of a Reboot, as its last gate check stored it. */
export const haltOf = ({ state }: { readonly state: Blocked }): Halt | undefined =>
  gateCheck(state)
    ?.blockers.map(asFound)
    .find((blocker): blocker is Halt => haltsRollout.has(blocker.code));

/**
 * Found in this phase: a reader takes an earlier time for a leftover of an earlier phase. The clock of
 * another replica may be ahead.
 */
export function foundNow(
  found: readonly Blocker[],
  by: BlockerSource,
  { since, now }: { readonly since: Timestamp; readonly now: Instant },
): readonly StoredBlocker[] {
  const at = toTimestamp(Math.max(now, toInstant(since)));
  return found.map(({ code, sentence, clears }) => ({ code, sentence, clears, source: by, at }));
}

export function withBlockers<State extends Blocked>(
  { blockers: _before, ...state }: State,
  blockers: readonly StoredBlocker[],
): Omit<State, 'blockers'> & Pick<Blocked, 'blockers'> {
  return blockers.length === 0 ? state : { ...state, blockers };
}
