/** A condition of the proof that a booted node does not meet yet. */
export interface Missing {
  readonly code: MissingCode;
  readonly sentence: string;
}
export type MissingCode =
  | 'not-ready'
  | 'no-report'
  | 'still-required'
  /** By a signal that other tools clear in the cluster, which may take them some time. */
  | 'still-asked'
  | 'wrong-kernel'
  | 'daemon-pods';
