/** Webhooks that take part in a reboot of a pool: the stored run of a hook, and its answers. */
import type { Timestamp } from '../ports/time.ts';

/** `before`: after the drain and before the order. `after`: after the proof and before the uncordon. */
export type HookStep = 'before' | 'after';

/** One run of a hook. The hook is called until it agrees or its time limit has passed. */
export interface HookRun {
  /** Identifies the run, together with the Reboot and the step. */
  readonly since: Timestamp;
  /** From this time on, any answer other than `done` is a failure. */
  readonly until: Timestamp;
  readonly askedAt?: Timestamp;
  /**
   * The last answer other than `done`; after the end, why the run ended without agreement. Continues a
   * sentence that begins with the hook.
   */
  readonly said?: string;
  /** Absent while the hook is being called. */
  readonly endedAt?: Timestamp;
}

/**
 * `wait`: the hook is called again. `failed`: a final refusal. `said` continues a sentence that begins with
 * the hook.
 */
export type HookAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait' | 'failed'; readonly said: string };
