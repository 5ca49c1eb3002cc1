/** Webhooks that take part in a reboot of a pool: the stored run of a hook, and its answers. */
import { z } from 'zod';
import { type Stored, text, time } from '../schema/field.ts';

/** `before`: after the drain and before the order. `after`: after the proof and before the uncordon. */
export type HookStep = 'before' | 'after';

/** One run of a hook. The hook is called until it agrees or its time limit has passed. */
export const hookRun = z.object({
  // Identifies the run, together with the Reboot and the step.
  since: time('When the run began.'),
  // From this time on, any answer other than `done` is a failure.
  until: time('Until when the hook may agree.'),
  askedAt: time('When it was last called.').exactOptional(),
  // After the end: why the run ended without agreement. Continues a sentence that begins with the hook.
  said: text('The last answer other than its agreement.').exactOptional(),
  endedAt: time('When the reboot continued. Absent while the hook is being called.').exactOptional(),
});
export type HookRun = Stored<typeof hookRun>;

/**
 * `wait`: the hook is called again. `failed`: a final refusal. `said` continues a sentence that begins with
 * the hook.
 */
export type HookAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait' | 'failed'; readonly said: string };
