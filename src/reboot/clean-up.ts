/**
 * Why a node stays cordoned after its Reboot is over. `not-ours`: somebody else cordoned it, or took our mark off its cordon. `another-boot`: it
 * booted once more between its proof and the uncordon.
 */
export type StaysCordoned = 'not-ours' | 'another-boot';

/** What follows an end: the order, the cordon, the marks and the turn are given back. */
export interface CleanUp {
  /** It is done. */
  readonly tidied: boolean;
  /** Known when it is done; absent where the node is free. */
  readonly staysCordoned?: StaysCordoned;
}
