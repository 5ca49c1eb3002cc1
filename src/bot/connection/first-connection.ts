/** Retries the first connection to Slack in the background: the program runs without Slack until then. */
import type { Clock, Instant } from '../../reboot/time/time.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { createReconnectBackoff } from './reconnect-backoff.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { retryAfterOf, toPortError } from './slack-errors.ts';

/** State of the first connection. */
export interface Startup {
  connected: boolean;
  /** When the first attempt failed; deleted once one succeeds. */
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

/** Retries an invalid token as well: running reboots go on meanwhile, and the token may be fixed in Slack. */
export async function untilConnected({
  clock,
  sleep,
  random,
  logger,
  signal,
  startup,
  connect,
}: Connecting): Promise<void> {
  const backoff = createReconnectBackoff(random);
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
      backoff.failed(retryAfterOf(error));
      // Rejects only when the bot stops, which ends the loop.
      await sleep(backoff.delay(), signal).catch(() => undefined);
    }
  }
}
