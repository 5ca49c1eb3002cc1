/** Webhooks of a pool that take part in a reboot: what is stored of one, and what it answers. */
import type { Timestamp } from '../ports/time.ts';

/** `before`: after the drain and before the order. `after`: after the proof and before the uncordon. */
export type HookStep = 'before' | 'after';

/**
 * A hook that a reboot has come to. It is asked again until it lets the reboot go on, or its time is over.
 */
export interface HookRun {
  /** Identifies this run of the hook, together with the Reboot and the step. */
  readonly since: Timestamp;
  /** From then on an answer that is no yes is a failure. */
  readonly until: Timestamp;
  readonly askedAt?: Timestamp;
  /**
   * What it said last, or once it has ended without a yes: continues a sentence that begins with the hook.
   */
  readonly said?: string;
  /** Absent while it is asked. */
  readonly endedAt?: Timestamp;
}

/**
 * `wait`: it is asked again. `failed`: it said no for good. What it said continues a sentence that begins
 * with the hook.
 */
export type HookAnswer =
  | { readonly kind: 'done' }
  | { readonly kind: 'wait' | 'failed'; readonly said: string };
