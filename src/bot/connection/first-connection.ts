/**
 * The program does not wait for Slack: what the cluster says goes on, and Slack is connected as soon as it
 * can be.
 */
import type { Clock } from '../../reboot/ports/time.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { Instant } from '../../reboot/ports/time.ts';
import { createReconnectBackoff } from './reconnect-backoff.ts';
import type { Sleep } from './send-queue.ts';
import { retryAfterOf, toPortError } from './slack-errors.ts';

/** How far the first connection is. */
export interface Startup {
  connected: boolean;
  /** When the first attempt failed, while none has succeeded. */
  failedAt?: Instant;
  why?: string;
}

interface Connecting {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly startup: Startup;
  readonly connect: () => Promise<void>;
}

/**
 * A wrong token is tried again as well: the reboots under way go on meanwhile, and somebody may mend it in
 * Slack.
 */
export async function untilConnected({
  clock,
  sleep,
  random,
  logger,
  signal,
  startup,
  connect,
}: Connecting): Promise<void> {
  const brake = createReconnectBackoff(random);
  while (!signal.aborted && !startup.connected) {
    try {
      await connect();
      startup.connected = true;
      delete startup.failedAt;
    } catch (error) {
      if (signal.aborted) return;
      const { message } = toPortError('auth.test', error);
      if (startup.why !== message) logger.error('slack cannot be connected', { why: message, err: error });
      startup.why = message;
      startup.failedAt ??= clock.now();
      brake.failed(retryAfterOf(error));
      // Cut short by the end of the bot alone, which ends the loop as well.
      await sleep(brake.pause(), signal).catch(() => undefined);
    }
  }
}
