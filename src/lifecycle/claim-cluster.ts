/** Claims the cluster for this installation. Two installations would keep two ledgers of turns. */
import { backoff } from '../timing/backoff.ts';
import { sleptThrough, type Sleep } from '../timing/sleep.ts';
import type { Kube } from '../k8s/kube.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import { second } from '../reboot/time/time.ts';

export interface ClaimDeps {
  readonly kube: Pick<Kube, 'claimInstallation'>;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
  /** Called with the reason of a wait, and with undefined at its end. */
  readonly waits: (why: string | undefined) => void;
}

const retryWaits = { first: second, most: 10 * second, factor: 2 };

async function claim(kube: ClaimDeps['kube']): Promise<void> {
  const claimed = await kube.claimInstallation();
  if (!claimed.ok) throw ownedBy(claimed.other);
}

export const ownedBy = (other: string): PortError =>
  new PortError(
    'cluster-refused',
    `Another Tugboot owns this cluster, in namespace ${other}. Two would not see each other's turns. Remove one of them.`,
    { retryable: false },
  );

/**
 * Retries while the API server is unreachable or does not serve our kinds yet. Rejects on errors that a retry
 * cannot resolve.
 */
export async function claimAtStart(deps: ClaimDeps, signal: AbortSignal): Promise<void> {
  let logged = '';
  for (let attempt = 1; !signal.aborted; attempt += 1) {
    try {
      await claim(deps.kube);
      return deps.waits(undefined);
    } catch (error) {
      if (!(error instanceof PortError) || !error.retryable) throw error;
      if (error.message !== logged)
        deps.logger.warn('the start waits for the cluster', { why: error.message });
      logged = error.message;
      deps.waits(logged);
    }
    await sleptThrough(deps.sleep, backoff(retryWaits, attempt, deps.random), signal);
  }
}
