import type { Reboot } from '../state/reboot.ts';
import type { Unreadable } from '../words/unreadable.ts';
import type { Pause, PauseScope } from '../scheduling/pauses.ts';
import type { LedgerState, Turn, TurnLimits, TakeResult } from '../scheduling/ledger.ts';
import type { StillOwed } from './cluster.ts';
import type { LedgerEvent } from './refused-config.ts';

export interface RebootStore {
  /** From the API server. */
  get(name: string): Promise<Reboot | undefined>;
  /**
   * From the watch and our own writes, or else from the API server. Only for what a save or a fence proves:
   * others may have written since.
   */
  latest(name: string): Promise<Reboot | undefined>;
  /** From the watch. */
  all(): readonly Reboot[];
  /** From the watch: those that are not in `all`, and that `get` throws for. */
  unreadable(): readonly Unreadable[];
  /** `exists` returns nothing: get it. Newly created Reboots are Pending. */
  create(reboot: Omit<Reboot, 'version' | 'createdAt'>): Promise<Reboot | 'exists'>;
  /** Compare-and-swap on `version`; returns the Reboot with its new version. */
  save(reboot: Reboot): Promise<Reboot | 'conflict' | 'gone'>;
  /** With a version: only if it is still that. */
  remove(name: string, version?: string): Promise<void>;
}

/** What people have put on hold, stored in the cluster. */
export interface Pauses {
  /** From the watch. Those that are over may still be among them. */
  all(): readonly Pause[];
  /** From the API server. */
  read(): Promise<readonly Pause[]>;
  put(pause: Pause): Promise<void>;
  lift(scope: PauseScope): Promise<'lifted' | 'not-paused'>;
}

export interface Ledger {
  read(): Promise<LedgerState>;
  /** Compare-and-swap: the limits are checked against what the very same write replaces. */
  take(turn: Turn, limits: TurnLimits): Promise<TakeResult>;
  release(reboot: string, still?: StillOwed): Promise<'released' | 'not-held' | 'not-owed'>;
  /** Of what concerns no node: an Event on the object that holds the ledger. */
  record(event: LedgerEvent): Promise<void>;
}
