import { z } from 'zod';
import {
  beginsCleanUp,
  type CleanUp,
  cleanUp,
  goesDown,
  isOwed,
  staysCordoned,
} from '../../reboot/state/clean-up.ts';
import { principal } from '../../reboot/state/decision.ts';
import { flag, list, text, time } from '../../reboot/schema/field.ts';
import type { Phase } from '../../reboot/state/phases.ts';
import { field, listAt, textAt } from '../api/json-value.ts';
import { isSame } from '../api/merge-patch.ts';

const putBackWhy = z.enum(['window-closed', 'stuck']).meta({ description: 'Why the drain was undone.' });

const earlierBlockers = list(
  z.object({
    code: text('What kind of blocker it is.', 256),
    sentence: text('The blocker, in words.'),
    clears: text('What would clear it.'),
  }),
  'What blocked the start.',
  100,
);

/**
 * Fields of earlier versions. The definition keeps them, because an
 * older bot may run beside this one, and repeats a write whose fields are dropped.
 */
export const earlierSchema = z.object({
  putBack: z
    .object({ at: time('When it was undone.'), why: putBackWhy })
    .meta({ description: 'Of 0.1.0: `retry` now.' })
    .exactOptional(),
  again: z
    .object({
      why: putBackWhy,
      decision: z
        .object({})
        .meta({ description: 'As `decision`.', 'x-kubernetes-preserve-unknown-fields': true }),
    })
    .meta({ description: 'Of 0.1.0: the phase `Undoing` now.' })
    .exactOptional(),
  held: z
    .object({
      at: time('When the gates were checked.'),
      blockers: earlierBlockers,
      cleared: time('When they were observed to be gone.').exactOptional(),
    })
    .meta({ description: 'Of earlier versions: `blockers` with the source `gatekeeper` now.' })
    .exactOptional(),
  givenUp: z
    .object({
      by: principal,
      at: time('When it was given up.'),
      leaveCordoned: flag('The node stays cordoned.'),
    })
    .meta({ description: 'Of earlier versions: the phase `GivenUp` now.' })
    .exactOptional(),
  tidied: flag(
    'Of earlier versions, and written for them: `cleanup` has ended, or there was nothing to clean up.',
  ).exactOptional(),
  staysCordoned: staysCordoned
    .meta({ description: 'Of earlier versions, and written for them: `cleanup.staysCordoned` now.' })
    .exactOptional(),
  goesDown: goesDown
    .meta({ description: 'Of earlier versions, and written for them: `cleanup.goesDown` now.' })
    .exactOptional(),
  waits: z
    .object({ at: time('When they were stored.'), blockers: earlierBlockers })
    .meta({ description: 'Of earlier versions: `blockers` with the source `plan` now.' })
    .exactOptional(),
});

type Fields = Readonly<Record<string, unknown>>;

/**
 * Converts what earlier versions stored to the current shape. Read only: the next write of the Reboot stores
 * the new shape, and deletes the fields of the old one.
 */
export function fromEarlier(stored: object): Fields {
  const { cleanup: _stored, ...state } = stateOf(stored);
  const cleanup = cleanUpOf({ ...stored, ...state });
  return { ...state, ...(cleanup === undefined ? {} : { cleanup }) };
}

function stateOf(state: object): Fields {
  const again = field(state, 'again');
  const givenUp = field(state, 'givenUp');
  const phase = textAt(state, 'phase');
  if (phase === 'Cancelled' && again !== undefined) return undoingOf(state, again);
  if (phase === 'Failed' && givenUp !== undefined) return givenUpOf(state, givenUp as object);
  return phase === 'Approved' ? approvedOf(state) : { ...state };
}

/**
 * The clean-up as earlier versions store it. Written beside the present shape, so that an older bot reads the
 * record: it requires `tidied` of each end.
 */
export function forEarlier(phase: Phase, cleanup: CleanUp | undefined): Fields {
  if (!beginsCleanUp(phase) || phase === 'GivenUp') return {};
  const { staysCordoned, goesDown } = cleanup ?? {};
  return {
    ...(phase === 'Undoing' ? {} : { tidied: !isOwed(cleanup) }),
    ...(staysCordoned === undefined ? {} : { staysCordoned }),
    ...(goesDown === undefined ? {} : { goesDown }),
  };
}

const earlierCleanUp = ['tidied', 'staysCordoned', 'goesDown'] as const;

/**
 * If the earlier fields differ from those derived from `cleanup`, an older bot wrote last, and they take
 * precedence. A clean-up that began before the phase is a leftover of such a write.
 */
function cleanUpOf(state: object): unknown {
  const phase = textAt(state, 'phase') as Phase;
  if (!beginsCleanUp(phase)) return undefined;
  const cleanup = cleanUp.safeParse(field(state, 'cleanup')).data;
  const earlier = Object.fromEntries(
    earlierCleanUp.flatMap((key) => {
      const value = field(state, key);
      return value === undefined ? [] : [[key, value]];
    }),
  );
  const since = field(state, 'since');
  const isOfPhase = cleanup !== undefined && Date.parse(cleanup.since) >= Date.parse(String(since));
  if (isOfPhase && isSame(earlier, forEarlier(phase, cleanup))) return cleanup;
  const { tidied, ...rest } = earlier;
  if (tidied === undefined && phase !== 'Undoing') return cleanup;
  if (tidied === true && rest['staysCordoned'] === undefined) return undefined;
  return { since, ...(tidied === true ? { endedAt: since } : {}), ...rest };
}

const causes: Readonly<Record<string, string>> = {
  'window-closed': 'its window closed before it was drained',
  stuck: 'budgets held it back, and others waited for its turn',
};

/** 0.1.0 stored the undoing of a drain as Cancelled, with the decision for the next try. */
function undoingOf(state: object, again: unknown): Fields {
  if (field(state, 'tidied') === true) return { ...state };
  const since = field(state, 'since');
  return { phase: 'Undoing', since, decision: field(again, 'decision'), undo: undoOf(again) };
}

function givenUpOf(state: object, givenUp: object): Fields {
  const since = field(givenUp, 'at');
  return { ...state, ...givenUp, phase: 'GivenUp', since, failedAt: field(state, 'since') };
}

function approvedOf({ blockers, ...state }: { readonly blockers?: unknown }): Fields {
  const putBack = field(state, 'putBack');
  const found = blockersOf({ ...state, blockers });
  return {
    ...(putBack === undefined ? {} : { retry: retryOf(putBack) }),
    ...state,
    ...(found.length === 0 ? {} : { blockers: found }),
  };
}

/** 0.1.0 retried without a delay: `notBefore` is `at`. */
function retryOf(putBack: unknown): unknown {
  const at = field(putBack, 'at');
  return { ...undoOf(putBack), at, notBefore: at };
}

function undoOf(stored: unknown): object {
  const why = textAt(stored, 'why') ?? '';
  return { why, cause: causes[why] ?? why, times: 1, pods: [], budgets: [] };
}

/**
 * `held` and `waits` are newer than `blockers` where both are stored: this version deletes them with each
 * write. A blocker from before the phase is a leftover too: an earlier version went on without deleting it.
 */
function blockersOf(state: object): readonly unknown[] {
  const held = sourced(field(state, 'held'), 'gatekeeper');
  const waits = sourced(field(state, 'waits'), 'plan');
  const isRepeated = (one: unknown): boolean =>
    held.some((other) => textAt(other, 'sentence') === textAt(one, 'sentence'));
  const earlier = [...held, ...waits.filter((each) => !isRepeated(each))];
  const since = Date.parse(textAt(state, 'since') ?? '');
  return (earlier.length === 0 ? listAt(state, 'blockers') : earlier).filter(
    (blocker) => !(Date.parse(textAt(blocker, 'at') ?? '') < since),
  );
}

function sourced(stored: unknown, source: string): readonly object[] {
  const cleared = field(stored, 'cleared');
  const known = { source, at: field(stored, 'at'), ...(cleared === undefined ? {} : { cleared }) };
  return listAt(stored, 'blockers').map((blocker) => ({ ...(blocker as object), ...known }));
}
