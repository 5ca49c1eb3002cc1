/**
 * Compares the connections that Slack counts for the app-level token with those that are ours. Slack gives
 * each click to one of them at random, so that a second deployment on the token answers for this one's
 * clusters. `hello.num_connections` is the only sign of it.
 */
import type { Logger } from '../../reboot/ports/logger.ts';
import { minute, type Millis } from '../../reboot/ports/time.ts';
import type { Sleep } from './send-queue.ts';
import type { Health } from './connection-health.ts';

export interface ConnectionCountOptions {
  readonly replicas: number;
  readonly sleep: Sleep;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** Opens a new connection in place of the present one: only a hello tells the number. */
  readonly renew: () => void;
}

export interface ConnectionCount {
  /** What a hello said, and how many of them this process has open. */
  counted(connections: number | undefined, own: number): void;
  health(): Health;
}

/**
 * A connection whose process was killed is counted until Slack notices, and a rolling update has one replica
 * too many for a while.
 */
const doubtFor: Millis = 2 * minute;
/**
 * After that it is a fact that somebody has to mend, and is looked at again for the time when it has been.
 */
const lookAgain: Millis = 30 * minute;

export function createConnectionCount({
  replicas,
  sleep,
  logger,
  signal,
  renew,
}: ConnectionCountOptions): ConnectionCount {
  let strangers = 0;
  let doubted = false;
  let rechecking = false;

  const recheck = async (after: Millis): Promise<void> => {
    if (rechecking) return;
    rechecking = true;
    // Cut short by the end of the bot alone.
    await sleep(after, signal).catch(() => undefined);
    rechecking = false;
    if (!signal.aborted) renew();
  };

  return {
    counted: (connections, own) => {
      // Each of the others has one.
      const over = Math.max(0, (connections ?? 0) - (own + replicas - 1));
      if (over > 0 && doubted) {
        if (strangers === 0) logger.warn('others hold this app-level token', { connections, replicas });
        strangers = over;
      }
      if (over === 0) {
        if (strangers > 0) logger.info('nobody else holds this app-level token any more');
        strangers = 0;
      }
      doubted = over > 0;
      if (over > 0) void recheck(strangers > 0 ? lookAgain : doubtFor);
    },
    health: () =>
      strangers === 0
        ? { ok: true }
        : {
            ok: false,
            flaw: true,
            why: `Slack counts ${strangers} more ${strangers === 1 ? 'connection' : 'connections'} on SLACK_APP_TOKEN than Tugboot has replicas (${replicas}). Somebody else holds this app-level token, and gets a share of the clicks. Give each deployment a Slack app of its own, or set TUGBOOT_REPLICAS if this one has more replicas`,
          },
  };
}
