import type { Finding } from '../reboot/ports/examination.ts';

export type { Examined, Finding } from '../reboot/ports/examination.ts';

export interface Check {
  /** A short name, which scripts may use. */
  readonly name: string;
  run(): Promise<readonly Finding[]>;
}

export const ok = (says: string): Finding => ({ level: 'ok', says });
export const warning = (says: string, fix: string): Finding => ({ level: 'warning', says, fix });
export const error = (says: string, fix: string): Finding => ({ level: 'error', says, fix });
