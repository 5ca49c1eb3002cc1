import { PortError } from '../ports/port-error.ts';
import type { Reboot } from '../state/reboot.ts';
import { fieldsOf } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Undefined, and one line in the log, where the content of the ledger cannot be read. */
export async function unlessLedgerUnreadable<T>(
  deps: ServiceDeps,
  reboot: Reboot,
  work: () => Promise<T>,
): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== 'ledger-unreadable') throw error;
    deps.logger.error('ledger of turns cannot be read', { ...fieldsOf(reboot), err: error });
    return undefined;
  }
}
