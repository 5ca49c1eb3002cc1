/** What a check of `tugboot doctor` finds. */
export interface Finding {
  readonly level: 'ok' | 'warning' | 'error';
  /** What is so, in one sentence. */
  readonly says: string;
  /** What to do. Absent where nothing is to be done. */
  readonly fix?: string;
}

export interface Check {
  /** A short name, which scripts may use. */
  readonly name: string;
  run(): Promise<readonly Finding[]>;
}

export interface Examined {
  readonly check: string;
  readonly findings: readonly Finding[];
}

export const ok = (says: string): Finding => ({ level: 'ok', says });
export const warning = (says: string, fix: string): Finding => ({ level: 'warning', says, fix });
export const error = (says: string, fix: string): Finding => ({ level: 'error', says, fix });
