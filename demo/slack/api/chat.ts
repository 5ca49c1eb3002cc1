import type { Ids } from '../ids.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../validate/limits.ts';
import type { Channel, Message } from '../workspace/records.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Args } from './args.ts';
import { isEmpty, normalisedLength, readContent, type Content } from './content.ts';
import { messageBody } from './message-body.ts';
import { fail, missingArgument, ok, type Methods, type Reply } from './method.ts';

export interface ChatDeps {
  readonly workspace: Workspace;
  readonly ids: Ids;
}

export const chatMethods = (deps: ChatDeps): Methods => ({
  'chat.postMessage': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 'posting',
    run: (args) => postMessage(deps, args),
  },
  'chat.update': { token: 'bot', scopes: ['chat:write'], tier: 3, run: (args) => update(deps, args) },
  'chat.delete': { token: 'bot', scopes: ['chat:write'], tier: 3, run: (args) => remove(deps, args) },
  'chat.postEphemeral': {
    token: 'bot',
    scopes: ['chat:write'],
    tier: 4,
    run: (args) => postEphemeral(deps, args),
  },
  'chat.getPermalink': { token: 'bot', tier: 'special', run: (args) => permalink(deps, args) },
});

/** The channel to write to; private channels without the app as a member count as not found. */
export function writable(workspace: Workspace, given: string): Channel | Reply {
  const named = given.replace(/^#/, '');
  const channel = workspace.channel(given) ?? workspace.channels().find(({ name }) => name === named);
  if (channel === undefined) return fail('channel_not_found');
  if (channel.isArchived) return fail('is_archived');
  if (channel.members.has(workspace.app.botUser)) return channel;
  if (channel.isPrivate) return fail('channel_not_found');
  return workspace.app.scopes.includes('chat:write.public') ? channel : fail('not_in_channel');
}

const isReply = (value: Channel | Reply): value is Reply => 'ok' in value;

function postMessage({ workspace, ids }: ChatDeps, args: Args): Reply {
  if (!args.has('channel')) return missingArgument('channel');
  const channel = writable(workspace, args.text('channel'));
  if (isReply(channel)) return channel;
  const read = readContent(args, ids);
  if ('refused' in read) return read.refused;
  if (isEmpty(read.content)) return fail('no_text');
  const threadTs = args.text('thread_ts');
  if (threadTs !== '' && !canTakeReplies(workspace, channel.id, threadTs))
    return fail('cannot_reply_to_message');
  const message = fromApp({ workspace, ids }, channel.id, read.content, {
    ...(threadTs === '' ? {} : { threadTs }),
    broadcast: threadTs !== '' && args.flag('reply_broadcast'),
  });
  workspace.put(message);
  return ok({
    channel: channel.id,
    ts: message.ts,
    message: messageBody(workspace, message, { metadata: true }),
  });
}

/** A reply belongs to a message of the channel, never to another reply or an ephemeral message. */
function canTakeReplies(workspace: Workspace, channel: string, ts: string): boolean {
  const parent = workspace.message(channel, ts);
  return parent !== undefined && parent.threadTs === undefined;
}

export const fromApp = (
  { workspace }: ChatDeps,
  channel: string,
  content: Content,
  place: Pick<Message, 'broadcast'> & { readonly threadTs?: string },
): Message => ({
  channel,
  ts: workspace.stamp(),
  user: workspace.app.botUser,
  byApp: true,
  text: (content.text ?? '').slice(0, limits.messageText.post),
  ...(content.blocks === undefined || content.blocks.length === 0 ? {} : { blocks: content.blocks }),
  ...(content.attachments === undefined ? {} : { attachments: content.attachments }),
  ...(content.metadata === undefined ? {} : { metadata: content.metadata }),
  ...place,
  tombstone: false,
  reactions: [],
  pinned: false,
});

/** The app's own message, by channel id: unlike chat.postMessage, these methods accept no channel names. */
function own(workspace: Workspace, args: Args, refusal: string): Message | Reply {
  const channel = workspace.channel(args.text('channel'));
  if (channel === undefined) return fail('channel_not_found');
  if (channel.isArchived) return fail('is_archived');
  const message = workspace.message(channel.id, args.text('ts'));
  if (message === undefined || message.tombstone) return fail('message_not_found');
  return message.byApp ? message : fail(refusal);
}

const isRefusal = (value: Message | Reply): value is Reply => 'ok' in value;

function update({ workspace, ids }: ChatDeps, args: Args): Reply {
  const message = own(workspace, args, 'cant_update_message');
  if (isRefusal(message)) return message;
  const read = readContent(args, ids);
  if ('refused' in read) return read.refused;
  const { content } = read;
  const refusal = refuseUpdate(message, content, args);
  if (refusal !== undefined) return fail(refusal);
  const next = updated(message, content, { broadcast: args.flag('reply_broadcast'), now: workspace.stamp() });
  if (next.text === '' && next.blocks === undefined && next.attachments === undefined) return fail('no_text');
  workspace.put(next);
  return ok({
    channel: next.channel,
    ts: next.ts,
    text: next.text,
    message: messageBody(workspace, next, { metadata: true }),
  });
}

function refuseUpdate(message: Message, content: Content, args: Args): string | undefined {
  const changes =
    content.text !== undefined || content.blocks !== undefined || content.attachments !== undefined;
  const broadcasts = args.flag('reply_broadcast');
  if (!changes && !broadcasts && content.metadata === undefined) return 'no_text';
  if (normalisedLength(content.text ?? '') > limits.messageText.update) return 'msg_too_long';
  return broadcasts && changes && !message.broadcast ? 'no_dual_broadcast_content_update' : undefined;
}

/** Text without blocks removes the blocks; blocks without text keep the text; omitted metadata is kept. */
export function updated(
  message: Message,
  content: Content,
  how: { readonly broadcast: boolean; readonly now: string },
): Message {
  const { blocks: oldBlocks, metadata: oldMetadata, ...rest } = message;
  const blocks = content.blocks ?? (content.text === undefined ? oldBlocks : undefined) ?? [];
  const metadata = content.metadata ?? oldMetadata ?? {};
  return {
    ...rest,
    text: content.text ?? message.text,
    ...(blocks.length > 0 ? { blocks } : {}),
    ...(content.attachments === undefined ? {} : { attachments: content.attachments }),
    ...(Object.keys(metadata).length === 0 ? {} : { metadata }),
    ...(isEdit(message, content, blocks) ? { editedTs: how.now } : {}),
    broadcast: message.broadcast || (how.broadcast && message.threadTs !== undefined),
  };
}

/** Slack shows "(edited)" only on messages without blocks. */
const isEdit = (message: Message, content: Content, blocks: readonly JsonObject[]): boolean =>
  blocks.length === 0 && content.text !== undefined && content.text !== message.text;

function remove({ workspace }: ChatDeps, args: Args): Reply {
  const message = own(workspace, args, 'cant_delete_message');
  if (isRefusal(message)) return message;
  erase(workspace, message);
  return ok({ channel: message.channel, ts: message.ts });
}

/** A message with replies leaves a tombstone, so that its thread stays readable. */
export function erase(workspace: Workspace, message: Message): void {
  if (workspace.replies(message.channel, message.ts).length === 0) {
    workspace.remove(message.channel, message.ts);
    return;
  }
  const { blocks: _blocks, attachments: _attachments, metadata: _metadata, ...rest } = message;
  workspace.put({ ...rest, text: 'This message was deleted.', tombstone: true });
}

function postEphemeral({ workspace, ids }: ChatDeps, args: Args): Reply {
  const channel = writable(workspace, args.text('channel'));
  if (isReply(channel)) return channel;
  const user = args.text('user');
  if (!channel.members.has(user)) return fail('user_not_in_channel');
  const read = readContent(args, ids);
  if ('refused' in read) return read.refused;
  if (isEmpty(read.content)) return fail('no_text');
  const ts = workspace.stamp();
  const threadTs = args.text('thread_ts');
  workspace.putEphemeral({
    user,
    channel: channel.id,
    ts,
    text: read.content.text ?? '',
    blocks: read.content.blocks ?? [],
    ...(threadTs === '' ? {} : { threadTs }),
    bySlackbot: false,
  });
  return ok({ message_ts: ts });
}

function permalink({ workspace }: ChatDeps, args: Args): Reply {
  const channel = workspace.channel(args.text('channel'));
  if (channel === undefined) return fail('channel_not_found');
  const message = workspace.message(channel.id, args.text('message_ts'));
  if (message === undefined) return fail('message_not_found');
  const base = `https://${workspace.team.domain}.slack.com/archives/${channel.id}/p${message.ts.replace('.', '')}`;
  const thread = message.threadTs === undefined ? '' : `?thread_ts=${message.threadTs}&cid=${channel.id}`;
  return ok({ channel: channel.id, permalink: `${base}${thread}` });
}
