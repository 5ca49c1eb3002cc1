/** An effect: what a state requires to be done outside of the record, by one write or one call. */
import type { Observation } from '../nodes/observation.ts';
import type { StillOwed } from '../ports/cluster/node-writes.ts';
import type { CleanUp } from '../state/clean-up.ts';
import type { Reboot } from '../state/reboot.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** The part of a Reboot that its effects follow from. */
export type Owing = Pick<Reboot, 'state' | 'cleanup'>;

/** What the clean-up leaves on the node, for its record. */
export type LeftBehind = Pick<CleanUp, 'staysCordoned'>;

export interface EffectContext {
  readonly deps: ServiceDeps;
  readonly reboot: Reboot;
  readonly observation: Observation;
  /** Everything in the observation was read for this step. */
  readonly fresh: boolean;
  readonly still: StillOwed;
  /** Of the effects before this one in the same run. */
  readonly left: LeftBehind;
}

export interface EffectResult {
  readonly event?: RebootEvent;
  readonly left?: LeftBehind;
  /** The effects after this one wait for the next reconcile. */
  readonly othersWait?: true;
}

export interface Effect<Name extends string = string> {
  readonly name: Name;
  /** Derived from the state alone, so that any replica owes the same after a crash. */
  readonly owed: (reboot: Owing) => boolean;
  /**
   * Idempotent, and conditional on the boot. An effect that fails throws and stays owed; one that finds the
   * node changed returns no event, and the next observation shows the change.
   */
  readonly carryOut: (context: EffectContext) => Promise<EffectResult>;
  /** These are sentences of the reference page. */
  readonly does: string;
  /** Why it can be carried out again. */
  readonly repeated: string;
  /** What a crash in the middle leaves until the next reconcile. */
  readonly crash: string;
}

export const nothingToTell: EffectResult = {};

export const telling = (event: RebootEvent | undefined): EffectResult =>
  event === undefined ? nothingToTell : { event };

/**
 * Whether the stored Reboot still owes the effect. Between the read of a Reboot and a write that follows from
 * it, another replica may have ended the Reboot, and restarted it.
 */
export const stillOwed =
  ({ store }: Pick<ServiceDeps, 'store'>, { name }: Reboot, { owed }: Pick<Effect, 'owed'>): StillOwed =>
  async () => {
    const stored = await store.get(name);
    return stored !== undefined && owed(stored);
  };
