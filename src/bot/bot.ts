/** The Slack side of the bot: connection, listeners, and the Chat port. */
import { App, type AuthorizeResult } from '@slack/bolt';
import { WebClient } from '@slack/web-api';
import { z } from 'zod';
import type { Decisions } from '../reboot/ports/decisions/decisions.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Chat } from '../reboot/ports/chat.ts';
import { type Clock, second, type Instant, type Millis } from '../reboot/time/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Meter } from '../reboot/ports/meter.ts';
import type { MessageRef } from '../reboot/state/chat-record.ts';
import { createChannels } from './messages/channels.ts';
import { createDirectory } from './people/directory.ts';
import { createHome } from './home/home.ts';
import { createLiveViews } from './live/live-views.ts';
import { type Startup, untilConnected } from './connection/first-connection.ts';
import { createGateway, type SlackApi } from './connection/gateway.ts';
import type { Sleep } from '../timing/sleep.ts';
import type { Examine } from '../reboot/ports/examination.ts';
import { createInteractionHandler } from './listeners/interaction-handler.ts';
import { register, type Track } from './listeners/register.ts';
import { createSdkLogger } from './connection/sdk-logger.ts';
import { createSlackChat } from './slack-chat.ts';
import { slackFailureOf, toPortError } from './connection/slack-errors.ts';
import type { Health } from './connection/connection-health.ts';
import { createSocket } from './connection/socket.ts';
import type { SlackNetwork } from './connection/slack-network.ts';

export interface BotOptions {
  /** For `/reboot doctor`. */
  readonly examine: Examine;
  readonly botToken: string;
  readonly appToken: string;
  /** Base address of the Web API with a final slash; Slack's own if undefined. */
  readonly apiUrl?: string;
  /** By name of the cluster. */
  readonly clusters: ReadonlyMap<string, Decisions>;
  /** IDs of the user groups in the policy. */
  readonly approverGroups: () => readonly string[];
  /** IDs of the channels in which everybody may approve. */
  readonly approverChannels: () => readonly string[];
  /** IDs of the channels in the policy. */
  readonly channels: () => readonly string[];
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly random: () => number;
  readonly logger: Logger;
  /** The log of a cluster. */
  readonly logOf: (cluster: string) => Logger;
  /** Absent: nothing is counted. */
  readonly meter?: Pick<Meter, 'slackCalled' | 'slackPayload'>;
  /** Number of bots that share the app-level token; 1 by default. */
  readonly replicas?: number;
  /** Deadline of one connection attempt. */
  readonly startTimeout?: Millis;
  /** Absent: the real network. */
  readonly slackNetwork?: SlackNetwork;
}

export interface Bot {
  readonly chat: Chat;
  /** Connects with retries; resolves at the first connection, or when the bot stops. */
  start(): Promise<void>;
  /** Waits for running interactions, then disconnects. */
  stop(): Promise<void>;
  /**
   * Since when Slack is unreachable; undefined while it is connected, and at the start until the first
   * attempt has failed.
   */
  awaySince(): Instant | undefined;
  /**
   * Not ok while Slack is disconnected, or while a channel of the policy cannot be posted to. `why` names the
   * cause and the remedy.
   */
  health(): Health;
}

/** The answer of auth.test. */
const authAnswer = z.object({
  url: z.string().optional(),
  team_id: z.string(),
  user_id: z.string().optional(),
  bot_id: z.string().optional(),
  enterprise_id: z.string().nullish(),
});
type Workspace = z.infer<typeof authAnswer>;

/**
 * How long `stop` waits for running interactions. A stored decision survives in any case; only its answer
 * would be missing.
 */
const shutdownGrace: Millis = 4 * second;

/** Of the Web API and of answers to commands. */
const answerTimeout: Millis = 10 * second;

export function createBot(options: BotOptions): Bot {
  const { sleep, logger, startTimeout = 20 * second } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const api = createApi(options);
  const gateway = createGateway({ ...options, api, signal });
  const socket = (options.slackNetwork?.openSocket ?? createSocket)({
    ...options,
    signal,
    deadline: startTimeout,
    replicas: options.replicas ?? 1,
  });
  const running = new Set<Promise<void>>();
  const startup: Startup = { connected: false };
  let workspace: Workspace | undefined;

  const directory = createDirectory({ ...options, gateway, workspace: () => workspaceOf(workspace) });
  const channels = createChannels({ ...options, gateway, signal });
  let watching: Promise<void> = Promise.resolve();
  const linkTo = (ref: MessageRef | undefined): string | undefined => permalink(workspace, ref);
  const live = createLiveViews({ ...options, signal });
  const home = createHome({ ...options, directory, gateway, live, linkTo });
  const isAppShared = (): boolean => socket.isAppShared();
  const handler = createInteractionHandler({ ...options, directory, gateway, home, live, isAppShared });

  const track: Track = async (work) => {
    options.meter?.slackPayload();
    running.add(work);
    await work.finally(() => running.delete(work));
  };

  return {
    chat: createSlackChat({ ...options, gateway, signal, permalink: linkTo }),
    start: async () => {
      await untilConnected({
        ...options,
        signal,
        startup,
        connect: async () => {
          workspace ??= await authenticate(api);
          await socket.start(await createListeningApp(options, workspace, { handler, track }));
          logger.info('slack connected', { team: workspace.team_id });
        },
      });
      if (!signal.aborted) watching = channels.watch();
    },
    awaySince: () => startup.failedAt ?? socket.awaySince(),
    stop: async () => {
      await Promise.race([Promise.allSettled(running), sleep(shutdownGrace)]);
      stopping.abort();
      await Promise.all([socket.stop(), watching]);
    },
    health: () => {
      if (!startup.connected) return { ok: false, why: startup.why ?? 'Slack has not been reached yet' };
      const connected = socket.health();
      return connected.ok ? channels.health() : connected;
    },
  };
}

function createApi({ botToken, apiUrl, logger, meter, slackNetwork }: BotOptions): SlackApi {
  const web = new WebClient(botToken, {
    ...(apiUrl ? { slackApiUrl: apiUrl } : {}),
    logger: createSdkLogger(logger),
    ...(slackNetwork === undefined ? { timeout: answerTimeout } : { fetch: slackNetwork.fetch }),
    // The gateway decides about retries.
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    maxRequestConcurrency: 10,
  });
  const call: SlackApi['call'] = async (method, args) => ({ ...(await web.apiCall(method, args)) });
  return meter === undefined ? { call } : { call: counted(call, meter) };
}

const counted =
  (call: SlackApi['call'], meter: Pick<Meter, 'slackCalled'>): SlackApi['call'] =>
  async (method, args) => {
    try {
      const answer = await call(method, args);
      meter.slackCalled(method, 'ok');
      return answer;
    } catch (error) {
      const { kind } = slackFailureOf(error);
      meter.slackCalled(method, kind === 'transient' ? 'unreachable' : kind);
      throw error;
    }
  };

async function authenticate(api: SlackApi): Promise<Workspace> {
  try {
    return authAnswer.parse(await api.call('auth.test', {}));
  } catch (error) {
    const failure = slackFailureOf(error);
    if (failure.kind !== 'refused') throw toPortError('auth.test', error);
    const message = `Slack refuses SLACK_BOT_TOKEN (${failure.code}): it must be the bot token (xoxb-…) of the installed app`;
    throw new PortError('chat-refused', message, { retryable: false, cause: error });
  }
}

const workspaceOf = (
  workspace: Workspace | undefined,
): { readonly teamId: string; readonly enterpriseId?: string } => ({
  teamId: workspace?.team_id ?? '',
  ...(workspace?.enterprise_id ? { enterpriseId: workspace.enterprise_id } : {}),
});

/**
 * Bolt without token verification (its failure would be an unhandled rejection) and without its conversation
 * store. Its clients, which have queues and retries of their own, are not used.
 */
function createApp({ botToken, logger, slackNetwork }: BotOptions, workspace: Workspace): App {
  const authorization: AuthorizeResult = {
    botToken,
    ...(workspace.bot_id ? { botId: workspace.bot_id } : {}),
    ...(workspace.user_id ? { botUserId: workspace.user_id } : {}),
  };
  const app = new App({
    receiver: noReceiver,
    authorize: async () => authorization,
    deferInitialization: true,
    convoStore: false,
    logger: createSdkLogger(logger),
    // Answers to slash commands use this fetch, which has no timeout by default.
    clientOptions: {
      fetch:
        slackNetwork?.fetch ??
        ((url, init) => fetch(url, { ...init, signal: AbortSignal.timeout(answerTimeout) })),
    },
  });
  app.error(async (error) => logger.error('listener failed', { err: error }));
  return app;
}

/** An app whose listeners pass every payload to the interaction handler. */
async function createListeningApp(
  options: BotOptions,
  workspace: Workspace,
  work: Pick<Parameters<typeof register>[0], 'handler' | 'track'>,
): Promise<App> {
  const app = createApp(options, workspace);
  await app.init();
  register({ ...work, app, linkTo: (card) => permalink(workspace, card) });
  return app;
}

/** Connections are replaced while the app lives on: each passes its payloads to the app itself. */
const noReceiver: App['receiver'] = {
  init: () => undefined,
  start: async () => undefined,
  stop: async () => undefined,
};

/** A permalink in Slack's format, built without an API call. */
function permalink(workspace: Workspace | undefined, ref: MessageRef | undefined): string | undefined {
  if (ref === undefined || ref.ts === '' || workspace?.url === undefined) return undefined;
  return `${workspace.url.replace(/\/$/, '')}/archives/${ref.channel}/p${ref.ts.replace('.', '')}`;
}
