/** What an examination of the installation finds: `tugboot doctor`, `/reboot doctor`. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  /** What is so, in one sentence. */
  readonly says: string;
  /** What to do. Absent where nothing is to be done. */
  readonly fix?: string;
}

export interface Examined {
  /** A short name of the check, which scripts may use. */
  readonly check: string;
  readonly findings: readonly Finding[];
}

/** Changes nothing. */
export type Examine = () => Promise<readonly Examined[]>;
