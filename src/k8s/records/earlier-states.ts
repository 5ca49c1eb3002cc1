import { z } from 'zod';
import { list, text, time } from '../../reboot/state/field.ts';
import { field, listAt, textAt } from '../api/json-value.ts';

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
 * Fields of earlier versions, which this one reads and never writes. The definition keeps them, because an
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
  waits: z
    .object({ at: time('When they were stored.'), blockers: earlierBlockers })
    .meta({ description: 'Of earlier versions: `blockers` with the source `plan` now.' })
    .exactOptional(),
});

/**
 * Converts states stored by earlier versions to the current shape. Read only: the next write of the Reboot
 * stores the new shape, and deletes the fields of the old one.
 */
export function fromEarlier(state: object): unknown {
  const again = field(state, 'again');
  const phase = textAt(state, 'phase');
  if (phase === 'Cancelled' && again !== undefined) return undoingOf(state, again);
  return phase === 'Approved' ? approvedOf(state) : state;
}

const causes: Readonly<Record<string, string>> = {
  'window-closed': 'its window closed before it was drained',
  stuck: 'budgets held it back, and others waited for its turn',
};

/** 0.1.0 stored the undoing of a drain as Cancelled, with the decision for the next try. */
function undoingOf(state: object, again: unknown): unknown {
  if (field(state, 'tidied') === true) return state;
  const since = field(state, 'since');
  return { phase: 'Undoing', since, decision: field(again, 'decision'), undo: undoOf(again) };
}

function approvedOf({ blockers, ...state }: { readonly blockers?: unknown }): unknown {
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
