import { createResponseUrls } from './acts/response-urls.ts';
import { createTriggerIds } from './acts/trigger-ids.ts';
import type { ActDeps } from './acts/deps.ts';
import { authMethods } from './api/auth.ts';
import { createCallLog, type CallLog } from './api/call-log.ts';
import { chatMethods } from './api/chat.ts';
import { conversationsMethods } from './api/conversations.ts';
import { dispatch, type ApiAnswer, type ApiRequest } from './api/dispatch.ts';
import { extraMethods } from './api/extras.ts';
import { createFaults, type Faults } from './api/faults.ts';
import type { Methods } from './api/method.ts';
import { peopleMethods } from './api/people.ts';
import { createRateLimits, type RateLimits } from './api/rate-limits.ts';
import { viewsMethods } from './api/views.ts';
import { createChangeFeed } from './change-feed.ts';
import { stoppable, type SlackClock, type StoppableClock } from './clock.ts';
import { createIds } from './ids.ts';
import { createFrameLog, type FrameLog } from './socket/frame-log.ts';
import { createSocketHub, type SocketHub } from './socket/socket-hub.ts';
import type { App, Channel, User, Usergroup } from './workspace/records.ts';
import { team } from './workspace/seeds.ts';
import { createViewStore } from './workspace/view-store.ts';
import { createWorkspace } from './workspace/workspace.ts';

export interface AssembleOptions {
  readonly clock: SlackClock;
  readonly random: () => number;
  readonly users: readonly User[];
  readonly usergroups: readonly Usergroup[];
  readonly channels: readonly Channel[];
  readonly scopes: readonly string[];
  readonly command: string;
  readonly botUser: string;
  readonly rateLimits: boolean;
  /** Available once the server listens. */
  readonly baseUrl: () => string;
  /** How payloads reach the app, in place of Socket Mode. */
  readonly hub?: SocketHub;
  /** Absent: drawn. */
  readonly tokens?: { readonly botToken: string; readonly appToken: string };
}

/** The fake without its server: state, rules and actions. */
export interface Parts extends ActDeps {
  readonly clock: StoppableClock;
  readonly botToken: string;
  readonly appToken: string;
  readonly faults: Faults;
  readonly rateLimits: RateLimits;
  readonly calls: CallLog;
  readonly frames: FrameLog;
  readonly methods: Methods;
  dispatch(request: ApiRequest): ApiAnswer;
}

export function assemble(options: AssembleOptions): Parts {
  const clock = stoppable(options.clock);
  const ids = createIds(options.random);
  const changes = createChangeFeed(clock);
  const app = appOf(options);
  const workspace = createWorkspace(
    {
      team,
      app,
      users: [...options.users, botOf(app)],
      usergroups: options.usergroups,
      channels: options.channels,
    },
    clock,
    changes,
  );
  const frames = createFrameLog(changes);
  const { random } = options;
  const hub = options.hub ?? createSocketHub({ appId: app.id, ids, clock, random, changes, frames });
  const views = createViewStore({ ids, changes });
  const triggers = createTriggerIds(ids, clock);
  const responseUrls = createResponseUrls({
    workspace,
    ids,
    clock,
    urlOf: (id) => `${options.baseUrl()}/response/${id}`,
  });
  const acts: ActDeps = { workspace, views, hub, triggers, responseUrls, changes, clock, ids };
  const methods = allMethods(acts, options.baseUrl);
  const drawn = { botToken: `xoxb-demo-${ids.secret()}`, appToken: `xapp-demo-${ids.secret()}` };
  const tokens = options.tokens ?? drawn;
  const faults = createFaults();
  const rateLimits = createRateLimits(clock, options.rateLimits);
  const calls = createCallLog(changes);
  const deps = { app, ...tokens, methods, faults, rateLimits, calls, clock };
  return {
    ...acts,
    clock,
    ...tokens,
    faults,
    rateLimits,
    calls,
    frames,
    methods,
    dispatch: (request) => dispatch(deps, request),
  };
}

function allMethods({ workspace, ids, views, triggers, hub }: ActDeps, baseUrl: () => string): Methods {
  return {
    ...authMethods({
      workspace,
      pageUrl: () => `${baseUrl()}/`,
      socketUrl: () =>
        `${baseUrl().replace('http', 'ws')}/link/?ticket=${hub.ticket()}&app_id=${workspace.app.id}`,
    }),
    ...chatMethods({ workspace, ids }),
    ...conversationsMethods(workspace),
    ...peopleMethods(workspace),
    ...viewsMethods({ workspace, views, triggers }),
    ...extraMethods(workspace, ids),
  };
}

const appOf = ({ scopes, command, botUser }: AssembleOptions): App => ({
  id: 'A0TUGBOAT',
  name: 'Tugboot',
  botId: 'B0TUGBOT',
  botUser,
  scopes,
  command,
});

const botOf = (app: App): User => ({
  id: app.botUser,
  name: app.name.toLowerCase(),
  realName: app.name,
  title: '',
  teamId: team.id,
  isBot: true,
  isGuest: false,
  isStranger: false,
  deleted: false,
  tz: 'UTC',
});
