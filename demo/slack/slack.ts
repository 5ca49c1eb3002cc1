import { randomInt } from 'node:crypto';
import type { World } from '../world/view.ts';
import { personIn, type Person } from './acts/person.ts';
import type { CallRecord } from './api/call-log.ts';
import type { Faults } from './api/faults.ts';
import type { ChangeFeed } from './change-feed.ts';
import { systemClock, type SlackClock } from './clock.ts';
import { assemble, type Parts } from './assemble.ts';
import type { DisconnectReason } from './socket/connection.ts';
import type { FrameRecord } from './socket/frame-log.ts';
import type { Channel, Ephemeral, Message, User, Usergroup } from './workspace/records.ts';
import { channelSeeds, userSeeds, usergroupSeeds, type RebootChannel } from './workspace/seeds.ts';
import { listen } from './web/http-server.ts';
import { createRoutes } from './web/routes.ts';

export interface SlackOptions {
  /** Default: a free one. */
  readonly port?: number;
  /** An address of this machine; default: loopback. The page is served on loopback only. */
  readonly host?: string;
  /** The cluster beside the channel; without it the page shows only Slack. */
  readonly world?: World;
  /** The app's slash command. */
  readonly command?: string;
  readonly now?: () => number;
  /** Includes timers; overrides `now`. */
  readonly clock?: SlackClock;
  /** From 0 to 1; selects connections and generates ids. */
  readonly random?: () => number;
  readonly users?: readonly User[];
  readonly usergroups?: readonly Usergroup[];
  readonly channels?: readonly Channel[];
  /** Channels beside the default ones; without effect where `channels` are given. */
  readonly rebootChannels?: readonly RebootChannel[];
  readonly scopes?: readonly string[];
  /** Default: on, as in the real Slack. */
  readonly rateLimits?: boolean;
  readonly pageDirectory: string;
}

export interface FakeSlack {
  readonly url: string;
  /** For `slackApiUrl`. */
  readonly apiUrl: string;
  readonly botToken: string;
  readonly appToken: string;
  readonly botUser: string;
  readonly teamId: string;
  readonly channel: { readonly id: string; readonly name: string };
  /** Ids by name: mia and lee are on call, sam is not, gio is a guest, kim belongs to another company. */
  readonly users: Readonly<Record<'mia' | 'lee' | 'sam' | 'gio' | 'kim', string>>;
  readonly usergroups: Readonly<Record<'onCall' | 'leads', string>>;
  as(user: string): Person;
  /** The current messages of the channel, top level, oldest first. */
  messages(channel?: string): readonly Message[];
  message(ts: string, channel?: string): Message | undefined;
  /** The replies, oldest first. */
  thread(channel: string, ts: string): readonly Message[];
  ephemerals(user: string): readonly Ephemeral[];
  /** Resolves with the first result that is neither undefined nor false, evaluated at each change. */
  readonly until: ChangeFeed['until'];
  /** Calls back after each change; returns a function that unsubscribes. */
  readonly subscribe: ChangeFeed['subscribe'];
  calls(): readonly CallRecord[];
  frames(): readonly FrameRecord[];
  readonly faults: Faults;
  rateLimits(on: boolean): void;
  sockets(): number;
  disconnect(reason: DisconnectReason): void;
  dropSockets(): void;
  duplicateNextEnvelope(): void;
  delayAcks(ms: number): void;
  /** Actions of an administrator: join, leave, and change users and groups. */
  readonly admin: Pick<Parts['workspace'], 'user' | 'setUser' | 'setUsergroup' | 'join' | 'leave'>;
  close(): Promise<void>;
}

const defaultScopes = [
  'chat:write',
  'commands',
  'users:read',
  'usergroups:read',
  'channels:read',
  'groups:read',
  'channels:history',
  'groups:history',
];

const botUser = 'U0TUGBOT';

/** Starts a Slack: Web API, Socket Mode and page on one port, with the limits of the real one. */
export async function startSlack(options: SlackOptions): Promise<FakeSlack> {
  const base = { url: '' };
  const host = options.host ?? '127.0.0.1';
  const parts = assemble({
    clock: options.clock ?? systemClock(options.now),
    random: options.random ?? (() => randomInt(0, 2 ** 32) / 2 ** 32),
    users: options.users ?? userSeeds,
    usergroups: options.usergroups ?? usergroupSeeds,
    channels: options.channels ?? channelSeeds(botUser, options.rebootChannels),
    scopes: options.scopes ?? defaultScopes,
    command: options.command ?? '/reboot',
    botUser,
    rateLimits: options.rateLimits ?? true,
    baseUrl: () => base.url,
  });
  const home = parts.workspace.channels()[0];
  if (home === undefined) throw new Error('a workspace needs a channel');
  const page = createRoutes(parts, {
    pageDirectory: options.pageDirectory,
    channel: home.id,
    ...(options.world === undefined ? {} : { world: options.world }),
  });
  const server = await listen({
    routes: page.routes,
    onUpgrade: (request, socket, head) => parts.hub.accept(request, socket, head),
    host,
    port: options.port ?? 0,
  });
  base.url = `http://${host}:${server.port}`;
  return {
    url: `${base.url}/`,
    apiUrl: `${base.url}/api/`,
    ...programmaticSide(parts, home),
    async close() {
      page.close();
      parts.clock.stop();
      await parts.hub.close();
      await server.close();
    },
  };
}

function programmaticSide(parts: Parts, home: Channel): Omit<FakeSlack, 'url' | 'apiUrl' | 'close'> {
  const { workspace, changes, hub, faults } = parts;
  return {
    botToken: parts.botToken,
    appToken: parts.appToken,
    botUser,
    teamId: workspace.team.id,
    channel: { id: home.id, name: home.name },
    users: { mia: 'U0MIA', lee: 'U0LEE', sam: 'U0SAM', gio: 'U0GIO', kim: 'U0KIM' },
    usergroups: { onCall: 'S0ONCALL', leads: 'S0LEADS' },
    as: (user) => personIn(parts, user, home.id),
    messages: (channel = home.id) =>
      workspace.messages(channel).filter(({ threadTs, broadcast }) => threadTs === undefined || broadcast),
    message: (ts, channel = home.id) => workspace.message(channel, ts),
    thread: (channel, ts) => workspace.replies(channel, ts),
    ephemerals: (user) => workspace.ephemerals(user),
    until: (probe, timeoutMs, what) => changes.until(probe, timeoutMs, what),
    subscribe: (listener) => changes.subscribe(listener),
    calls: () => parts.calls.all(),
    frames: () => parts.frames.all(),
    faults,
    rateLimits: (on) => parts.rateLimits.enable(on),
    sockets: () => hub.open(),
    disconnect: (reason) => hub.disconnect(reason),
    dropSockets: () => hub.drop(),
    duplicateNextEnvelope: () => hub.duplicateNextEnvelope(),
    delayAcks: (ms) => hub.delayAcks(ms),
    admin: workspace,
  };
}
