/**
 * Looks for a message of ours whose post may have arrived although nobody heard of it: the bot was killed, or
 * the answer was lost. Our messages carry metadata for this.
 */
import { PortError } from '../../reboot/ports/port-error.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { minute, second, type Instant } from '../../reboot/ports/time.ts';
import type { Gateway, Metadata } from '../connection/gateway.ts';

export interface Wanted {
  readonly channel: string;
  readonly metadata: Metadata;
  /** Our clock and Slack's may differ: a minute earlier is looked at as well. */
  readonly since: Instant;
  /** Look in this thread, not in the channel. */
  readonly threadTs?: string;
}

const mostPages = 5;

/** The message's timestamp. Undefined when there is none, or when Slack does not let us look. */
export async function findMessage(
  gateway: Gateway,
  logger: Logger,
  wanted: Wanted,
): Promise<string | undefined> {
  try {
    return await lookThroughPages(gateway, wanted);
  } catch (error) {
    if (!(error instanceof PortError) || error.retryable) throw error;
    // A second card is better than none: the scopes for reading history may have been withheld.
    logger.warn('cannot look for an earlier message', { channel: wanted.channel, err: error });
    return undefined;
  }
}

async function lookThroughPages(gateway: Gateway, wanted: Wanted): Promise<string | undefined> {
  let cursor: string | undefined;
  for (let page = 0; page < mostPages; page += 1) {
    const answer = await gateway.ask(
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
