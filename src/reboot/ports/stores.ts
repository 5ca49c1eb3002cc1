import type { Reboot } from '../state/reboot.ts';
import type { Unreadable } from '../words/unreadable.ts';
import type { Pause, PauseScope } from '../scheduling/snapshot/pauses.ts';
import type { LedgerState, Turn, TurnLimits, TakeResult } from '../scheduling/snapshot/ledger.ts';
import type { ShownList } from '../shown-list/shown-list.ts';
import type { PoolDigest } from '../pool-digest/pool-digest.ts';
import type { StillOwed } from './cluster/node-writes.ts';
import type { LedgerEvent } from './refused-config.ts';

export interface RebootStore {
  /** From the API server. */
  get(name: string): Promise<Reboot | undefined>;
  /**
   * From the watch cache and our own writes, or else from the API server. It may be stale: use it only where
   * a compare-and-swap or a fence checks it.
   */
  latest(name: string): Promise<Reboot | undefined>;
  /** From the watch. */
  all(): readonly Reboot[];
  /** The one of `all` with this name. */
  cached(name: string): Reboot | undefined;
  /** From the watch cache: records that are not in `all`, and for which `get` throws. */
  unreadable(): readonly Unreadable[];
  /** `exists`: the name is taken; use `get` for its content. New Reboots are Pending. */
  create(reboot: Omit<Reboot, 'version' | 'createdAt'>): Promise<Reboot | 'exists'>;
  /** Compare-and-swap on `version`; returns the Reboot with its new version. */
  save(reboot: Reboot): Promise<Reboot | 'conflict' | 'gone'>;
  /** With a version: only if it is unchanged. */
  remove(name: string, version?: string): Promise<void>;
}

/** Pauses set by people, stored in the cluster. */
export interface Pauses {
  /** From the watch cache. May include expired pauses. */
  all(): readonly Pause[];
  /** From the API server. */
  read(): Promise<readonly Pause[]>;
  put(pause: Pause): Promise<void>;
  lift(scope: PauseScope): Promise<'lifted' | 'not-paused'>;
}

/** The pool digests, one for each pool, and the shown lists, stored in the cluster. */
export interface PoolDigests {
  /** From the watch cache and our own writes. */
  all(): readonly PoolDigest[];
  /** From the API server. */
  read(pool: string): Promise<PoolDigest | undefined>;
  /**
   * Compare-and-swap: `change` gets the digest of the pool that the write replaces, and runs again after a
   * conflict. The same value: nothing is written, and it may rest on the cache. Undefined: the digest is
   * removed. Returns what is stored then. `too-large`: the object cannot hold it; nothing was written.
   */
  update(
    pool: string,
    change: (stored: PoolDigest | undefined) => PoolDigest | undefined,
  ): Promise<PoolDigest | undefined | 'too-large'>;
  readonly lists: ShownLists;
}

/** The lists that answers to `/reboot` have shown, stored beside the digests. */
export interface ShownLists {
  /** From the watch cache and our own writes. */
  all(): readonly ShownList[];
  /** From the API server. */
  read(): Promise<readonly ShownList[]>;
  /** As of `PoolDigests`. */
  update(
    change: (stored: readonly ShownList[]) => readonly ShownList[],
  ): Promise<readonly ShownList[] | 'too-large'>;
}

export interface Ledger {
  read(): Promise<LedgerState>;
  /**
   * As this process has read or written it in the last seconds, or else from the API server. Another replica
   * may have written since: use it only for words, and right after a write.
   */
  latest(): Promise<LedgerState>;
  /** Compare-and-swap: the limits are checked against the state that the same write replaces. */
  take(turn: Turn, limits: TurnLimits): Promise<TakeResult>;
  release(reboot: string, still?: StillOwed): Promise<'released' | 'not-held' | 'not-owed'>;
  /** Records an Event that concerns no node, on the object that holds the ledger. */
  record(event: LedgerEvent): Promise<void>;
}
