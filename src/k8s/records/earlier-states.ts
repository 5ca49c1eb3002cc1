import { z } from 'zod';
import { time } from '../../reboot/state/field.ts';
import { field, textAt } from '../api/json-value.ts';

const putBackWhy = z.enum(['window-closed', 'stuck']).meta({ description: 'Why the drain was undone.' });

/**
 * Fields of earlier versions, read only. The definition keeps them, because an older bot may run beside this
 * one, and repeats a write whose fields are dropped.
 */
export const earlierSchema = z.object({
  putBack: z
    .object({ at: time('When it was undone.'), why: putBackWhy })
    .meta({ description: 'Of 0.1.0: `retry` now.' })
    .exactOptional(),
  again: z
    .object({
      why: putBackWhy,
      decision: z.object({}).meta({
        description: 'As `decision`.',
        'x-kubernetes-preserve-unknown-fields': true,
      }),
    })
    .meta({ description: 'Of 0.1.0: the phase `Undoing` now.' })
    .exactOptional(),
});

/**
 * Converts states stored by earlier versions to the current shape. Read only: the next write of the Reboot
 * stores the new shape.
 */
export function fromEarlier(state: object): unknown {
  const again = field(state, 'again');
  const putBack = field(state, 'putBack');
  if (textAt(state, 'phase') === 'Cancelled' && again !== undefined) return undoingOf(state, again);
  return putBack === undefined ? state : { retry: retryOf(putBack), ...state };
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

/** 0.1.0 retried without a delay: `notBefore` is `at`. */
function retryOf(putBack: unknown): unknown {
  const at = field(putBack, 'at');
  return { ...undoOf(putBack), at, notBefore: at };
}

function undoOf(stored: unknown): object {
  const why = textAt(stored, 'why') ?? '';
  return { why, cause: causes[why] ?? why, times: 1, pods: [], budgets: [] };
}
