/**
 * Finds a message of ours whose post may have arrived although its result is unknown: the bot was killed, or
 * the response was lost. Our messages carry metadata for this.
 */
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { minute, second, type Instant } from '../../reboot/time/time.ts';
import type { Gateway, Metadata } from '../connection/gateway.ts';

export interface Wanted {
  readonly channel: string;
  readonly metadata: Metadata;
  /** The search begins a minute earlier, because Slack's clock may differ from ours. */
  readonly since: Instant;
  /** Search this thread instead of the channel. */
  readonly threadTs?: string;
}

const mostPages = 5;

/** The message's timestamp. Undefined if there is none, or if Slack refuses the search. */
export async function findMessage(
  gateway: Gateway,
  logger: Logger,
  wanted: Wanted,
): Promise<string | undefined> {
  try {
    return await lookThroughPages(gateway, wanted);
  } catch (error) {
    if (!(error instanceof PortError) || error.retryable) throw error;
    // The scopes for history are optional, and a duplicate is better than no card.
    logger.warn('cannot look for an earlier message', { channel: wanted.channel, err: error });
    return undefined;
  }
}

async function lookThroughPages(gateway: Gateway, wanted: Wanted): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await gateway.call(
      wanted.threadTs ? 'conversations.replies' : 'conversations.history',
      pageArguments(wanted, cursor),
    );
    const messages: unknown[] = Array.isArray(answer['messages']) ? answer['messages'] : [];
    const found = messages
      .map((message) => timestampIfOurs(message, wanted.metadata))
      .find((ts) => ts !== undefined);
    if (found !== undefined) return found;
    cursor = nextCursor(answer);
    if (cursor === undefined) return undefined;
  }
  return undefined;
}

const pageArguments = (wanted: Wanted, cursor: string | undefined): Record<string, unknown> => ({
  channel: wanted.channel,
  oldest: ((wanted.since - minute) / second).toFixed(6),
  inclusive: true,
  include_all_metadata: true,
  limit: 200,
  ...(wanted.threadTs ? { ts: wanted.threadTs } : {}),
  ...(cursor ? { cursor } : {}),
});

function timestampIfOurs(message: unknown, wanted: Metadata): string | undefined {
  if (!isRecord(message) || !isRecord(message['metadata'])) return undefined;
  const { event_type: type, event_payload: payload } = message['metadata'];
  if (type !== wanted.event_type || !isRecord(payload)) return undefined;
  const same = Object.entries(wanted.event_payload).every(([field, value]) => payload[field] === value);
  return same && typeof message['ts'] === 'string' ? message['ts'] : undefined;
}

function nextCursor(answer: Readonly<Record<string, unknown>>): string | undefined {
  const about = answer['response_metadata'];
  const cursor = isRecord(about) ? about['next_cursor'] : undefined;
  return typeof cursor === 'string' && cursor !== '' ? cursor : undefined;
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
