import type { Timestamp } from '../ports/time.ts';
import type { Principal } from './decision.ts';

/** Why a node needs a reboot. */
export interface Need {
  readonly since: Timestamp;
  readonly packages: readonly NeededPackage[];
  readonly packagesLeftOut: number;
  readonly kernel: { readonly running: string; readonly next?: string };
  /** Digest of the whole package set, which a decision is bound to. */
  readonly digest: string;
  /** Digest of the packages that change the risk. A decision lapses when it changes. */
  readonly riskDigest: string;
  /**
   * The signals that require a reboot, in the order of the pool. Absent in records of earlier versions, which
   * had one signal, the sentinel.
   */
  readonly askedBy?: readonly Asker[];
  /** Set when a person requested the reboot. It does not depend on the signals. */
  readonly person?: { readonly by: Principal; readonly at: Timestamp; readonly reason?: string };
}

/** A signal that requires a reboot, or a person who requested one. */
export interface Asker {
  readonly name: string;
  /** The reason, where one is given. */
  readonly reason?: string;
}

export type RiskClass = 'kernel' | 'libc' | 'init' | 'firmware' | 'crypto' | 'other';

export interface NeededPackage {
  readonly name: string;
  readonly version?: string;
  readonly risk: RiskClass;
}
