/** What a booted node does not yet show. */
export interface Missing {
  readonly code: MissingCode;
  readonly sentence: string;
}
export type MissingCode =
  | 'not-ready'
  | 'no-report'
  | 'still-required'
  /** By a signal that others take away in the cluster, which may take them a moment. */
  | 'still-asked'
  | 'wrong-kernel'
  | 'daemon-pods';
