/**
 * All calls of Slack's Web API. Keeps the rate limits, serialises the writes of each message, replaces a
 * queued edit by a newer one, and retries what is safe to repeat. The SDK's own retries are off: they would
 * put an old edit behind a newer one, and repeat posts that may have arrived.
 */
import { type Clock, minute, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { MessageRef } from '../../reboot/state/chat-record.ts';
import { type MessageView, noParsing } from '../blocks/blocks.ts';
import { backoff } from '../../timing/backoff.ts';
import type { Sleep } from '../../timing/sleep.ts';
import {
  createSendQueue,
  type Job,
  type SendQueue,
  type SendQueueOptions,
  type Retry,
} from './send-queue.ts';

import type { Rate } from './rate-limiter.ts';
import { postRate, rateOf } from './rate-limits.ts';
import { slackFailureOf, refusalCode, toPortError } from './slack-errors.ts';

export type SlackAnswer = Readonly<Record<string, unknown>>;

/** One call, without a retry; rejects with the SDK's errors. */
export interface SlackApi {
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<SlackAnswer>;
}

/**
 * Priority of a message. `decision`: a person waits for it or must see it, as a failure. `progress`: may be
 * superseded by the next one.
 */
export type Urgency = 'decision' | 'phase' | 'progress';

export interface Metadata {
  readonly event_type: string;
  readonly event_payload: Readonly<Record<string, string>>;
}

export interface Post {
  readonly channel: string;
  readonly view: MessageView;
  readonly metadata: Metadata;
  readonly threadTs?: string;
  readonly broadcast?: boolean;
  readonly urgency: Urgency;
  /** Deadline: rejected if the message leaves the queue later. */
  readonly before?: Instant;
}

export interface Edit {
  readonly ref: MessageRef;
  readonly view: MessageView;
  readonly urgency: Urgency;
}

export interface Ephemeral {
  readonly channel: string;
  readonly user: string;
  readonly threadTs?: string;
  readonly view: MessageView;
}

export interface Gateway {
  /** Not repeated if it may have arrived: the caller searches for the message first. */
  post(post: Post): Promise<MessageRef>;
  /**
   * `superseded`: a newer edit of the same message replaced it. `missing`: the message is deleted or no
   * longer editable.
   */
  update(edit: Edit): Promise<'updated' | 'superseded' | 'missing'>;
  /** An ephemeral message, visible to one person. */
  postEphemeral(message: Ephemeral): Promise<void>;
  /** Any other method: reads, views.open and views.update. */
  call(method: string, args: Readonly<Record<string, unknown>>): Promise<SlackAnswer>;
}

export interface GatewayOptions {
  readonly api: SlackApi;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly signal: AbortSignal;
}

type Order = Pick<SendQueueOptions, 'concurrency' | 'newestFirst'>;

/** Posts to one channel are serialised to keep their order. */
const inSeries: Order = { concurrency: 1, newestFirst: false };
/** Of the edits that wait, the newest has the current state. */
const newestFirst: Order = { concurrency: 5, newestFirst: true };
const oldestFirst: Order = { concurrency: 5, newestFirst: false };

const maxDelays: Readonly<Record<Urgency, Millis>> = { decision: 0, phase: second, progress: 10 * second };
const maxAttempts = 5;
/** Not idempotent: never repeated. */
const notRepeatable = new Set(['views.open', 'chat.postEphemeral']);

export function createGateway(options: GatewayOptions): Gateway {
  const { api } = options;
  const queues = new Map<string, SendQueue>();
  let count = 0;

  const queueOf = (name: string, rate: Rate, order: Order): SendQueue => {
    const retry = retryWith(options.random);
    const queue = queues.get(name) ?? createSendQueue({ ...options, ...order, rate, retry, stopped });
    queues.set(name, queue);
    return queue;
  };

  const postQueue = (channel: string): SendQueue => queueOf(`post ${channel}`, postRate, inSeries);
  const methodQueue = (method: string): SendQueue =>
    queueOf(method, rateOf(method), method === 'chat.update' ? newestFirst : oldestFirst);

  const call = async (method: string, args: Readonly<Record<string, unknown>>): Promise<SlackAnswer> => {
    count += 1;
    const job: Job<SlackAnswer> = {
      key: String(count),
      maxDelay: 0,
      repeatable: !notRepeatable.has(method),
      run: () => api.call(method, args),
    };
    const outcome = await submit(methodQueue(method), method, job);
    if (!outcome.done) throw new TypeError(`${method} was replaced, although its key is unique`);
    return outcome.value;
  };

  return {
    call,
    post: async (post) => {
      count += 1;
      const run = async (): Promise<SlackAnswer> => {
        if (post.before !== undefined && options.clock.now() >= post.before) throw expired();
        return api.call('chat.postMessage', postArguments(post));
      };
      const job = { key: String(count), maxDelay: maxDelays[post.urgency], repeatable: false, run };
      const outcome = await submit(postQueue(post.channel), 'chat.postMessage', job);
      return reference(post.channel, outcome.done ? outcome.value : {});
    },
    update: async ({ ref, view, urgency }) => {
      const run = (): Promise<SlackAnswer> => api.call('chat.update', { ...ref, ...view, ...noParsing });
      const job = { key: `${ref.channel} ${ref.ts}`, maxDelay: maxDelays[urgency], repeatable: true, run };
      try {
        const outcome = await submit(methodQueue('chat.update'), 'chat.update', job);
        return outcome.done ? 'updated' : 'superseded';
      } catch (error) {
        if (missingCodes.has(refusalCode(error) ?? '')) return 'missing';
        throw error;
      }
    },
    postEphemeral: async ({ channel, user, threadTs, view }) => {
      await call('chat.postEphemeral', {
        channel,
        user,
        ...view,
        ...noParsing,
        ...(threadTs ? { thread_ts: threadTs } : {}),
      });
    },
  };
}

/**
 * The message is deleted, belongs to another app, or is older than the workspace's limit for edits
 * (docs.slack.dev, chat.update).
 */
const missingCodes: ReadonlySet<string> = new Set([
  'message_not_found',
  'cant_update_message',
  'edit_window_closed',
]);

const stopped = (): PortError =>
  new PortError('chat-unreachable', 'The connection to Slack is being closed', { retryable: true });

const expired = (): PortError =>
  new PortError('chat-unreachable', 'The message waited too long for its turn', { retryable: true });

async function submit<T>(queue: SendQueue, method: string, job: Job<T>): ReturnType<typeof queue.submit<T>> {
  try {
    return await queue.submit(job);
  } catch (error) {
    throw toPortError(method, error);
  }
}

const postArguments = ({ channel, view, metadata, threadTs, broadcast }: Post): Record<string, unknown> => ({
  channel,
  ...view,
  ...noParsing,
  metadata,
  // A URL in a package name must not cause a fetch.
  unfurl_links: false,
  unfurl_media: false,
  ...(threadTs ? { thread_ts: threadTs } : {}),
  ...(broadcast ? { reply_broadcast: true } : {}),
});

function reference(channel: string, { channel: where, ts }: SlackAnswer): MessageRef {
  if (typeof ts !== 'string') {
    throw new PortError('chat-refused', 'Slack took a message and named no timestamp for it', {
      retryable: true,
    });
  }
  // Slack answers with the channel's id even if the call had its name; edits need the id.
  return { channel: typeof where === 'string' ? where : channel, ts };
}

const retryDelays = { first: second, most: minute, factor: 2 };

const retryWith =
  (random: () => number) =>
  (error: unknown, attempt: number, repeatable: boolean): Retry | undefined => {
    const failure = slackFailureOf(error);
    if (failure.kind === 'rate-limited') return { after: failure.after + random() * second, all: true };
    if (failure.kind === 'refused' || !repeatable || attempt >= maxAttempts) return undefined;
    return { after: backoff(retryDelays, attempt, random), all: false };
  };
