/** The connection behind the socket: opened once, and again whenever it is lost. */
import type { SocketModeReceiver } from '@slack/bolt';
import { PortError } from '../reboot/port-error.ts';
import type { Clock, Logger } from '../reboot/ports.ts';
import { second, type Instant, type Millis } from '../reboot/time.ts';
import type { Sleep } from './lane.ts';
import { failureOf, refusalCode } from './slack-errors.ts';

export interface LineOptions {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  /** For each connection, from asking for its address to Slack's hello. */
  readonly deadline: Millis;
}

export interface LineState {
  readonly connected: boolean;
  readonly since: Instant;
  readonly why?: string;
}

export interface Line {
  readonly state: LineState;
  open(): Promise<void>;
}

export function createLine(options: LineOptions, client: SocketModeReceiver['client']): Line {
  const { clock, sleep, random, logger, signal } = options;
  let state: LineState = { connected: false, since: clock.now() };
  let connecting = false;

  const connect = async (): Promise<void> => {
    try {
      await withDeadline(options, client.start());
      if (!client.websocket?.isActive()) throw lost();
      state = { connected: true, since: clock.now() };
    } catch (error) {
      state = { connected: false, since: state.connected ? clock.now() : state.since, why: whyNot(error) };
      throw error;
    }
  };

  /** At once the first time: Slack asks every socket to reconnect every few hours, and drops clicks in the gap. */
  const reconnect = async (): Promise<void> => {
    for (let attempt = 0; !signal.aborted; attempt += 1) {
      try {
        await connect();
        logger.info('slack socket connected again', { attempt });
        return;
      } catch (error) {
        logger.warn('slack socket cannot connect', { attempt, err: error });
        // Cut short by the end of the bot alone, which ends the loop as well.
        await sleep(pause(attempt, random), signal).catch(() => undefined);
      }
    }
  };

  const whileConnecting = async (work: Promise<void>): Promise<void> => {
    connecting = true;
    await work.finally(() => {
      connecting = false;
    });
  };

  client.on('disconnected', () => {
    // Each failed attempt disconnects as well; whoever attempts sees to it.
    if (signal.aborted || connecting) return;
    state = { connected: false, since: clock.now(), why: 'the connection was closed' };
    void whileConnecting(reconnect());
  });

  return {
    get state() {
      return state;
    },
    open: async () => {
      await whileConnecting(connect()).catch((error: unknown) => {
        throw startError(error);
      });
    },
  };
}

/** The SDK's start waits for ever when no hello comes. */
async function withDeadline({ deadline, sleep, signal }: LineOptions, work: Promise<unknown>): Promise<void> {
  const settled = new AbortController();
  const late = async (): Promise<never> => {
    await sleep(deadline, AbortSignal.any([settled.signal, signal]));
    throw new PortError('chat-unreachable', 'Slack did not say hello in time', { retryable: true });
  };
  const timer = late();
  try {
    await Promise.race([work, timer]);
  } finally {
    settled.abort();
    // The race is over: what its loser says is of no interest any more.
    timer.catch(() => undefined);
    work.catch(() => undefined);
  }
}

/** apps.connections.open allows about one call a minute once a burst is used up. */
const pause = (attempt: number, random: () => number): Millis =>
  Math.min(30 * second, second * 2 ** Math.min(attempt, 6)) * (0.5 + random() / 2);

function startError(error: unknown): PortError {
  if (error instanceof PortError) return error;
  const failure = failureOf(error);
  if (failure.kind === 'refused' && failure.code !== 'unexpected') {
    const message = `Slack refuses SLACK_APP_TOKEN (${failure.code}): it must be an app-level token (xapp-…) with connections:write`;
    return new PortError('chat-refused', message, { retryable: false, cause: error });
  }
  return new PortError('chat-unreachable', 'Slack cannot be reached to open a socket', {
    retryable: true,
    cause: error,
  });
}

const whyNot = (error: unknown): string =>
  refusalCode(error)?.replace('unexpected', 'connection failed') ?? 'connection failed';

const lost = (): PortError =>
  new PortError('chat-unreachable', 'Slack closed the socket at once', { retryable: true });
