import type { SilencePolicy } from '../policy/pool-hooks.ts';
import type { Instant } from './time.ts';

export interface SilenceWish {
  readonly silence: SilencePolicy;
  readonly node: string;
  /** Name of the Reboot, by which it is found again. */
  readonly reboot: string;
}

export type SilenceAnswer =
  /** Until when alerts are silenced. */
  { readonly ok: true; readonly found: Instant } | { readonly ok: false; readonly problem: string };

/**
 * Silences in an Alertmanager. Idempotent, bounded in time, and ending by themselves; what fails is a problem
 * in words, never an exception.
 */
export interface Silences {
  /** Makes one, or extends the one that is there. */
  keep(wish: SilenceWish): Promise<SilenceAnswer>;
  /** Ends what there is. */
  end(wish: SilenceWish): Promise<SilenceAnswer>;
}
