import type { SilencePolicy } from '../policy/pool-hooks.ts';
import type { Instant } from '../time/time.ts';

export interface SilenceWish {
  readonly silence: SilencePolicy;
  readonly node: string;
  /** Name of the Reboot, by which the silence is found again. */
  readonly reboot: string;
}

export type SilenceAnswer =
  /** `found`: until when alerts are silenced. */
  { readonly ok: true; readonly found: Instant } | { readonly ok: false; readonly problem: string };

/**
 * Silences in an Alertmanager. Idempotent, bounded in time, with an expiry. A failure is returned as text,
 * never thrown.
 */
export interface Silences {
  /** Creates the silence, or extends an existing one. */
  keep(wish: SilenceWish): Promise<SilenceAnswer>;
  /** Expires the silence, if there is one. */
  end(wish: SilenceWish): Promise<SilenceAnswer>;
}
