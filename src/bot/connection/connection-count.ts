/**
 * Compares the number of connections that Slack counts for the app-level token with our own. Slack sends each
 * interaction over one of them at random, so that a second deployment on the same token receives interactions
 * of this one's clusters. `hello.num_connections` is the only indication.
 */
import type { Logger } from '../../reboot/ports/logger.ts';
import { minute, type Millis } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import type { Health } from './connection-health.ts';

export interface ConnectionCountOptions {
  readonly replicas: number;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Replaces the present connection: the number is reported only in a hello. */
  readonly renew: () => void;
}

export interface ConnectionCount {
  /** Called with the number in a hello, and the number of connections that this process has open. */
  counted(connections: number | undefined, own: number): void;
  /** Whether the last hello named more connections than there should be, confirmed or not. */
  isExceeded(): boolean;
  health(): Health;
}

/**
 * Delay before the recount that confirms an excess. Slack counts the connection of a killed process until it
 * times out, and a rolling update has one replica too many for a while.
 */
const confirmAfter: Millis = 2 * minute;
/** Interval between recounts of a confirmed excess, which only a person can resolve. */
const recheckInterval: Millis = 30 * minute;

export function createConnectionCount({
  replicas,
  sleep,
  logger,
  signal,
  renew,
}: ConnectionCountOptions): ConnectionCount {
  let excess = 0;
  let suspected = false;
  let rechecking = false;

  const recheck = async (after: Millis): Promise<void> => {
    if (rechecking) return;
    rechecking = true;
    // Rejects only when the bot stops.
    await sleep(after, signal).catch(() => undefined);
    rechecking = false;
    if (!signal.aborted) renew();
  };

  return {
    counted: (connections, own) => {
      // Each other replica has one connection.
      const over = Math.max(0, (connections ?? 0) - (own + replicas - 1));
      if (over > 0 && suspected) {
        if (excess === 0) logger.warn('others hold this app-level token', { connections, replicas });
        excess = over;
      }
      if (over === 0) {
        if (excess > 0) logger.info('nobody else holds this app-level token any more');
        excess = 0;
      }
      suspected = over > 0;
      if (over > 0) void recheck(excess > 0 ? recheckInterval : confirmAfter);
    },
    isExceeded: () => suspected,
    health: () =>
      excess === 0
        ? { ok: true }
        : {
            ok: false,
            flaw: true,
            why: `Slack counts ${excess} more ${excess === 1 ? 'connection' : 'connections'} on SLACK_APP_TOKEN than Tugboot has replicas (${replicas}). Somebody else holds this app-level token, and gets a share of the clicks. Give each deployment a Slack app of its own, or set TUGBOOT_REPLICAS if this one has more replicas`,
          },
  };
}
