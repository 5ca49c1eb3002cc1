import type { Timestamp } from '../ports/time.ts';
import type { Principal } from './decision.ts';

/** Why the reboot is asked for. */
export interface Need {
  readonly since: Timestamp;
  readonly packages: readonly NeededPackage[];
  readonly packagesLeftOut: number;
  readonly kernel: { readonly running: string; readonly next?: string };
  /** Of the whole package set: what a decision is taken on. */
  readonly digest: string;
  /** Of the packages that change the risk: when it changes, a decision lapses. */
  readonly riskDigest: string;
  /**
   * The signals that ask, in the pool's order. Absent in records of earlier versions, which knew one signal,
   * the sentinel.
   */
  readonly askedBy?: readonly Asker[];
  /** Somebody asks for it, whatever the signals say. */
  readonly person?: { readonly by: Principal; readonly at: Timestamp; readonly reason?: string };
}

/** A signal that says yes. */
export interface Asker {
  readonly name: string;
  /** What it says, if it says more than yes. */
  readonly reason?: string;
}

export type RiskClass = 'kernel' | 'libc' | 'init' | 'firmware' | 'crypto' | 'other';

export interface NeededPackage {
  readonly name: string;
  readonly version?: string;
  readonly risk: RiskClass;
}
