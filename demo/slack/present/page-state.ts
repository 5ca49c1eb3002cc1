import { type Json, type JsonObject, objectsAt } from '../json.ts';
import { parseMrkdwn } from '../mrkdwn/mrkdwn.ts';
import type { TextNode } from '../mrkdwn/nodes.ts';
import type { Channel, Ephemeral, Message } from '../workspace/records.ts';
import type { View } from '../workspace/view-table.ts';
import type { ViewStore } from '../workspace/view-store.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { blocksForPage } from './blocks-for-page.ts';

const asJson = (nodes: readonly TextNode[]): Json => nodes as unknown as Json;

/** The initial state of the page. Without ephemeral messages: as in Slack, a reload loses them. */
export function pageState(
  { workspace, views }: { readonly workspace: Workspace; readonly views: ViewStore },
  user: string,
): JsonObject {
  const channels = visibleChannels(workspace, user);
  return {
    kind: 'state',
    team: { name: workspace.team.name },
    app: { name: workspace.app.name, user: workspace.app.botUser, command: workspace.app.command },
    me: user,
    users: workspace
      .users()
      .filter(({ deleted }) => !deleted)
      .map(({ id, name, realName, title, isBot }) => ({ id, name, realName, title, isBot })),
    groups: workspace.usergroups().map(({ id, handle }) => ({ id, handle })),
    channels: channels.map(({ id, name, topic, members }) => ({ id, name, topic, members: members.size })),
    messages: channels.flatMap(({ id }) =>
      workspace.messages(id).map((message) => messageForPage(workspace, message)),
    ),
    modals: views.stack(user).map(viewForPage),
    home: homeForPage(views.home(user)),
  };
}

const visibleChannels = (workspace: Workspace, user: string): readonly Channel[] =>
  workspace.channels().filter(({ isArchived, members }) => !isArchived && members.has(user));

export const maySee = (workspace: Workspace, user: string, channel: string): boolean =>
  visibleChannels(workspace, user).some(({ id }) => id === channel);

export function messageForPage(workspace: Workspace, message: Message): JsonObject {
  const replies = workspace.replies(message.channel, message.ts);
  return {
    channel: message.channel,
    ts: message.ts,
    user: message.user,
    byApp: message.byApp,
    nodes: asJson(parseMrkdwn(message.text)),
    blocks: blocksForPage(message.blocks ?? []),
    edited: message.editedTs !== undefined,
    tombstone: message.tombstone,
    broadcast: message.broadcast,
    threadTs: message.threadTs ?? null,
    pinned: message.pinned,
    reactions: message.reactions.map(({ name, users }) => ({
      nodes: asJson(parseMrkdwn(`:${name}:`)),
      count: users.length,
    })),
    replies: replies.length,
    repliers: [...new Set(replies.map(({ user }) => user))],
    lastReply: replies.at(-1)?.ts ?? null,
  };
}

export const ephemeralForPage = (ephemeral: Ephemeral): JsonObject => ({
  channel: ephemeral.channel,
  ts: ephemeral.ts,
  nodes: asJson(parseMrkdwn(ephemeral.text)),
  blocks: blocksForPage(ephemeral.blocks),
  threadTs: ephemeral.threadTs ?? null,
  bySlackbot: ephemeral.bySlackbot,
});

export function viewForPage(view: View): JsonObject {
  return {
    id: view.id,
    hash: view.hash,
    title: blocksForPage([titleOf(view, 'title')])[0] ?? null,
    submit: view.body['submit'] === undefined ? null : (blocksForPage([titleOf(view, 'submit')])[0] ?? null),
    close: view.body['close'] === undefined ? null : (blocksForPage([titleOf(view, 'close')])[0] ?? null),
    blocks: blocksForPage(objectsAt(view.body, 'blocks')),
    values: view.values,
  };
}

function titleOf(view: View, key: 'title' | 'submit' | 'close'): JsonObject {
  const text = view.body[key];
  return typeof text === 'object' && text !== null && !Array.isArray(text) ? (text as JsonObject) : {};
}

export const homeForPage = (view: View | undefined): Json => (view === undefined ? null : viewForPage(view));
