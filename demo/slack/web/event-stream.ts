import type { ServerResponse } from 'node:http';
import type { World } from '../../world/view.ts';
import type { Parts } from '../assemble.ts';
import type { Change } from '../change-feed.ts';
import type { Json, JsonObject } from '../json.ts';
import {
  ephemeralForPage,
  homeForPage,
  maySee,
  messageForPage,
  pageState,
  viewForPage,
} from '../present/page-state.ts';
import type { Route } from './http-server.ts';
import { pageHeaders, refusalOf } from './page-guard.ts';

export interface EventStreams {
  readonly route: Route;
  close(): void;
}

/** Server-Sent Events: the whole state first, then each change, for the person whom the page represents. */
export function createEventStreams(
  parts: Parts,
  options: { readonly channel: string; readonly world?: World },
): EventStreams {
  const streams = new Set<() => void>();
  return {
    async route(request, response, url) {
      const wanted = url.searchParams.get('user') ?? '';
      const user = wanted === '' ? firstPerson(parts) : wanted;
      if (refusalOf(request) !== undefined || parts.workspace.user(user) === undefined) {
        response.writeHead(403, { ...pageHeaders }).end();
        return;
      }
      response.writeHead(200, { ...pageHeaders, 'content-type': 'text/event-stream' });
      const end = stream(parts, options, { user, response });
      streams.add(end);
      response.on('close', () => {
        end();
        streams.delete(end);
      });
    },
    close() {
      for (const end of streams) end();
      streams.clear();
    },
  };
}

/** The person whom the page represents at first. */
const firstPerson = ({ workspace }: Parts): string =>
  workspace.users().find(({ isBot, deleted }) => !isBot && !deleted)?.id ?? '';

function stream(
  parts: Parts,
  { channel, world }: { readonly channel: string; readonly world?: World },
  { user, response }: { readonly user: string; readonly response: ServerResponse },
): () => void {
  const send = (data: JsonObject): void => void response.write(`data: ${JSON.stringify(data)}\n\n`);
  send({ ...pageState(parts, user), channel, sockets: parts.hub.open(), world: worldJson(world) });
  const stopChanges = parts.changes.subscribe((change) => {
    for (const event of eventsFor(parts, user, change)) send(event);
  });
  const shown = atMostEvery(worldInterval, () => send({ kind: 'world', world: worldJson(world) }));
  const stopWorld = world?.subscribe(shown.onChange);
  return () => {
    stopChanges();
    stopWorld?.();
    shown.stop();
  };
}

const worldJson = (world: World | undefined): Json =>
  world === undefined ? null : (world.view() as unknown as Json);

/** Milliseconds. A view of a hundred nodes is large, and a rollout changes it hundreds of times a second. */
const worldInterval = 100;

/** The first change is sent at once, those that follow together. */
function atMostEvery(interval: number, run: () => void): Throttled {
  let timer: NodeJS.Timeout | undefined;
  let changed = false;
  const rest = (): void => {
    timer = undefined;
    if (changed) onChange();
  };
  const onChange = (): void => {
    changed = timer !== undefined;
    if (changed) return;
    // A drain changes many pods in one turn.
    setImmediate(run);
    timer = setTimeout(rest, interval);
  };
  return { onChange, stop: () => clearTimeout(timer) };
}

interface Throttled {
  readonly onChange: () => void;
  stop(): void;
}

function eventsFor(parts: Parts, user: string, change: Change): readonly JsonObject[] {
  if (change.kind === 'call' || change.kind === 'frame') return [];
  if (change.kind === 'sockets') return [{ kind: 'sockets', open: change.open }];
  if (change.kind === 'action') {
    return change.mark.user === user ? [{ kind: 'action', mark: { ...change.mark } }] : [];
  }
  if (change.kind === 'message') {
    return maySee(parts.workspace, user, change.channel)
      ? messageEvents(parts, change.channel, change.ts)
      : [];
  }
  return change.user === user ? personalEvents(parts, change) : [];
}

/** Changes that only one person sees: ephemeral messages, modals and their Home. */
function personalEvents(
  { workspace, views }: Parts,
  change: Extract<Change, { readonly user: string }>,
): readonly JsonObject[] {
  const { kind, user } = change;
  if (kind === 'modal') return [{ kind: 'modals', modals: views.stack(user).map(viewForPage) }];
  if (kind === 'home') return [{ kind: 'home', home: homeForPage(views.home(user)) }];
  if (kind === 'ephemeral-gone') return [{ kind, ts: change.ts }];
  const found = workspace.ephemerals(user).find(({ ts }) => ts === change.ts);
  return found === undefined ? [] : [{ kind, message: ephemeralForPage(found) }];
}

/** A reply also changes the row of its parent. */
function messageEvents({ workspace }: Parts, channel: string, ts: string): readonly JsonObject[] {
  const message = workspace.message(channel, ts);
  if (message === undefined) return [{ kind: 'message-gone', channel, ts }];
  const parent = message.threadTs === undefined ? undefined : workspace.message(channel, message.threadTs);
  return [message, ...(parent === undefined ? [] : [parent])].map((each) => ({
    kind: 'message',
    message: messageForPage(workspace, each),
  }));
}
