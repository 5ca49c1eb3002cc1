/**
 * A Slack small enough for unit tests, and as strict: it validates blocks, knows its messages, and can fail
 * as Slack fails.
 */
import { WebAPIPlatformError, WebAPIRateLimitedError, WebAPIRequestError } from '@slack/web-api';
import type { SlackAnswer, SlackApi } from '../../src/bot/connection/gateway.ts';
import { checkBlocks } from '../../demo/slack/validate/surfaces.ts';
import type { Json } from '../../demo/slack/json.ts';
import type { Clock } from '../../src/reboot/time/time.ts';

export interface Told {
  readonly ts: string;
  readonly channel: string;
  readonly text: string;
  readonly blocks: readonly unknown[];
  readonly threadTs?: string;
  readonly broadcast: boolean;
  readonly metadata: unknown;
}

export interface Call {
  readonly method: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly at: number;
}

/** `lost`: Slack does it, and the answer does not arrive. */
export type Fault = 'lost' | 'unreachable' | { readonly retryAfter: number } | { readonly error: string };

export interface Recorder extends SlackApi {
  readonly calls: Call[];
  readonly messages: Map<string, Told>;
  of(method: string): Call[];
  card(): Told | undefined;
  thread(): Told[];
  /** Queued for the next call of the method. */
  fail(method: string, ...faults: readonly Fault[]): void;
  /** Answers for methods that are not about messages. */
  answer(method: string, reply: (args: Readonly<Record<string, unknown>>) => SlackAnswer): void;
  delete(ts: string): void;
  /** Lets calls of a method wait until released. */
  hold(method: string): () => void;
}

const refuse = (error: string): never => {
  throw new WebAPIPlatformError({ ok: false, error });
};

export function createRecorder(clock: Clock): Recorder {
  const calls: Call[] = [];
  const messages = new Map<string, Told>();
  const faults = new Map<string, Fault[]>();
  const held = new Map<string, Promise<void>>();
  const answers = new Map<string, (args: Readonly<Record<string, unknown>>) => SlackAnswer>();
  let count = 0;

  const check = (args: Readonly<Record<string, unknown>>): void => {
    const problems = checkBlocks(args['blocks'] as Json, 'message');
    if (problems.length > 0) throw new Error(`Slack would refuse: ${JSON.stringify(problems)}`);
    if (typeof args['text'] !== 'string' || args['text'].length > 4000) refuse('msg_too_long');
  };

  const post = (args: Readonly<Record<string, unknown>>): SlackAnswer => {
    check(args);
    count += 1;
    const ts = `${Math.floor(clock.now() / 1000)}.${String(count).padStart(6, '0')}`;
    const threadTs = args['thread_ts'];
    messages.set(ts, {
      ts,
      channel: String(args['channel']),
      text: String(args['text']),
      blocks: args['blocks'] as unknown[],
      broadcast: args['reply_broadcast'] === true,
      metadata: args['metadata'],
      ...(typeof threadTs === 'string' ? { threadTs } : {}),
    });
    return { ok: true, channel: args['channel'], ts };
  };

  const update = (args: Readonly<Record<string, unknown>>): SlackAnswer => {
    check(args);
    const known = messages.get(String(args['ts']));
    if (known === undefined) return refuse('message_not_found');
    messages.set(known.ts, { ...known, text: String(args['text']), blocks: args['blocks'] as unknown[] });
    return { ok: true, ts: known.ts };
  };

  const list = (args: Readonly<Record<string, unknown>>): SlackAnswer => {
    const oldest = Number(args['oldest'] ?? 0);
    const found = [...messages.values()].filter(
      (told) => told.channel === args['channel'] && told.threadTs === args['ts'] && Number(told.ts) >= oldest,
    );
    const shown =
      args['include_all_metadata'] === true ? found : found.map(({ metadata: _hidden, ...told }) => told);
    return { ok: true, messages: shown.reverse() };
  };

  const methods: Readonly<Record<string, (args: Readonly<Record<string, unknown>>) => SlackAnswer>> = {
    'chat.postMessage': post,
    'chat.update': update,
    'chat.postEphemeral': (args) => {
      check(args);
      return { ok: true };
    },
    'conversations.history': list,
    'conversations.replies': list,
    'views.open': () => ({ ok: true, view: { id: 'V1' } }),
    'views.update': () => ({ ok: true }),
  };

  const fault = (method: string): Fault | undefined => faults.get(method)?.shift();

  const raise = (kind: Exclude<Fault, 'lost'>): never => {
    if (kind === 'unreachable') throw new WebAPIRequestError(new Error('connection refused'));
    if ('retryAfter' in kind) throw new WebAPIRateLimitedError(kind.retryAfter);
    return refuse(kind.error);
  };

  return {
    calls,
    messages,
    of: (method) => calls.filter((call) => call.method === method),
    card: () => [...messages.values()].find((told) => told.threadTs === undefined),
    thread: () => [...messages.values()].filter((told) => told.threadTs !== undefined),
    fail: (method, ...more) => {
      faults.set(method, [...(faults.get(method) ?? []), ...more]);
    },
    answer: (method, reply) => {
      answers.set(method, reply);
    },
    delete: (ts) => {
      messages.delete(ts);
    },
    hold: (method) => {
      let release = (): void => undefined;
      held.set(method, new Promise((resolve) => (release = resolve)));
      return () => {
        held.delete(method);
        release();
      };
    },
    call: async (method, args) => {
      calls.push({ method, args, at: clock.now() });
      await held.get(method);
      const next = fault(method);
      if (next !== undefined && next !== 'lost') raise(next);
      const handler = answers.get(method) ?? methods[method];
      if (handler === undefined) throw new Error(`the recorder does not know ${method}`);
      const answer = handler(args);
      if (next === 'lost') throw new WebAPIRequestError(new Error('socket hang up'));
      return answer;
    },
  };
}
