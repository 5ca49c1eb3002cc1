import type { ServerResponse } from 'node:http';
import type { World } from '../../world/view.ts';
import { pressInView, pressOnMessage, type Press } from '../acts/block-action.ts';
import { runCommand } from '../acts/command.ts';
import { openHome } from '../acts/events.ts';
import { valuesOf, type Entries, type Entry } from '../acts/input-values.ts';
import { say } from '../acts/person.ts';
import { suggest } from '../acts/suggestions.ts';
import { closeView, submitView } from '../acts/view-submission.ts';
import type { Parts } from '../assemble.ts';
import { isObject, objectAt, textAt, type Json, type JsonObject } from '../json.ts';
import { blocksForPage } from '../present/blocks-for-page.ts';
import type { User } from '../workspace/records.ts';
import type { View } from '../workspace/view-table.ts';
import type { Route } from './http-server.ts';
import { pageHeaders, refusalOf } from './page-guard.ts';
import { readBody } from './request-body.ts';

type Act = (parts: Parts, user: User, body: JsonObject) => Promise<unknown>;

/** `POST /act/<name>`: an action of a person on the page. */
export function pageActs(parts: Parts, world: World | undefined): Route {
  return async (request, response, url) => {
    const refusal = request.method === 'POST' ? refusalOf(request) : 'bad-method';
    if (refusal !== undefined) {
      reply(response, 403, { error: refusal });
      return;
    }
    const read = await readBody(request, new URLSearchParams());
    const body: JsonObject = 'error' in read ? {} : read.fields;
    const name = url.pathname.slice('/act/'.length);
    const patch = world === undefined ? undefined : patches(world)[name];
    if (patch !== undefined) {
      await patch(textAt(body, 'node'));
      reply(response, 200, { ok: true });
      return;
    }
    const act = Object.hasOwn(acts, name) ? acts[name] : undefined;
    const user = parts.workspace.user(textAt(body, 'user'));
    if (act === undefined || user === undefined) {
      reply(response, 404, { error: 'not-found' });
      return;
    }
    await perform(response, () => act(parts, user, body));
  };
}

/** Actions on the cluster beside the channel. */
const patches = (world: World): Readonly<Record<string, (node: string) => Promise<void>>> => ({
  upgrade: (node) => world.aptUpgrade(node),
  'patch-workers': () => world.patchWorkers(),
});

/** A button may be gone when the press arrives: an expected outcome, not an internal error. */
async function perform(response: ServerResponse, act: () => Promise<unknown>): Promise<void> {
  try {
    reply(response, 200, { ok: true, result: ((await act()) ?? null) as Json });
  } catch (error) {
    reply(response, 409, { ok: false, error: error instanceof Error ? error.message : 'failed' });
  }
}

function reply(response: ServerResponse, status: number, body: JsonObject): void {
  response.writeHead(status, { ...pageHeaders, 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

const acts: Readonly<Record<string, Act>> = {
  press: async (parts, user, body) =>
    pressOnMessage(parts, user, {
      channel: textAt(body, 'channel'),
      ts: textAt(body, 'ts'),
      ...pressOf(body),
    }),
  'press-view': async (parts, user, body) => {
    const view = viewOf(parts, user, body);
    const entered = parts.views.enter(view, valuesOf(view, entriesOf(body), view.offered));
    return pressInView(parts, user, entered, pressOf(body));
  },
  submit: async (parts, user, body) => {
    const { kind, ...rest } = await submitView(parts, user, viewOf(parts, user, body), entriesOf(body));
    // The next view arrives through the event stream, prepared for the page.
    return 'view' in rest ? { kind } : { kind, ...rest };
  },
  suggest: async (parts, user, body) => {
    const found = await suggest(parts, user, viewOf(parts, user, body), {
      action: textAt(body, 'action'),
      value: textAt(body, 'value'),
    });
    return found.kind === 'options' ? { ...found, options: blocksForPage(found.options) } : found;
  },
  close: async (parts, user, body) => closeView(parts, user, viewOf(parts, user, body)),
  home: async (parts, user) => openHome(parts, user.id),
  send: async (parts, user, body) => send(parts, user, body),
};

const pressOf = (body: JsonObject): Press => ({
  action: textAt(body, 'action'),
  blockId: textAt(body, 'block'),
  option: entryOf(body['option'] ?? null),
});

function viewOf({ views }: Parts, user: User, body: JsonObject): View {
  const view = views.find({ id: textAt(body, 'view') });
  if (view === undefined || view.user !== user.id) throw new Error('this view is closed');
  return view;
}

const entryOf = (value: Json): Entry =>
  Array.isArray(value)
    ? value.filter((item: Json) => typeof item === 'string')
    : typeof value === 'string'
      ? value
      : null;

function entriesOf(body: JsonObject): Entries {
  const values = objectAt(body, 'values') ?? {};
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, entryOf(value)]));
}

async function send(parts: Parts, user: User, body: JsonObject): Promise<unknown> {
  const text = textAt(body, 'text').trim();
  const channel = parts.workspace.channel(textAt(body, 'channel'));
  const threadTs = textAt(body, 'threadTs');
  if (text === '' || channel === undefined || !isObject(body)) return undefined;
  if (!text.startsWith('/')) {
    return say(parts, {
      user: user.id,
      channel: channel.id,
      text: escape(text),
      ...(threadTs === '' ? {} : { threadTs }),
    });
  }
  if (threadTs === '') return runCommand(parts, { user, channel }, text);
  // Slack does not run commands of apps in threads.
  parts.workspace.putEphemeral({
    user: user.id,
    channel: channel.id,
    ts: parts.workspace.stamp(),
    text: `${text.split(' ')[0] ?? text} is not supported in threads. Sorry!`,
    blocks: [],
    threadTs,
    bySlackbot: true,
  });
  return 'failed';
}

const escape = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
