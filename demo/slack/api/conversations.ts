import type { JsonObject } from '../json.ts';
import type { Channel, Message } from '../workspace/records.ts';
import type { Workspace } from '../workspace/workspace.ts';
import type { Args } from './args.ts';
import { messageBody } from './message-body.ts';
import { fail, ok, pageOf, type Methods, type Reply } from './method.ts';

const reads = ['channels:read', 'groups:read'];
const history = ['channels:history', 'groups:history'];

export const conversationsMethods = (workspace: Workspace): Methods => ({
  'conversations.info': {
    token: 'bot',
    scopes: reads,
    tier: 3,
    run: (args) =>
      withChannel(workspace, args, (channel) => ok({ channel: channelBody(workspace, channel, args) })),
  },
  'conversations.list': {
    token: 'bot',
    scopes: reads,
    tier: 2,
    run: (args) => listChannels(workspace, args),
  },
  'conversations.members': {
    token: 'bot',
    scopes: reads,
    tier: 4,
    run: (args) =>
      withChannel(workspace, args, (channel) =>
        paged('members', [...channel.members], { args, fallback: 100 }),
      ),
  },
  'conversations.join': {
    token: 'bot',
    scopes: ['channels:join'],
    tier: 3,
    run: (args) => withChannel(workspace, args, (channel) => join(workspace, channel)),
  },
  'conversations.history': {
    token: 'bot',
    scopes: history,
    tier: 3,
    run: (args) => withMember(workspace, args, (channel) => readHistory(workspace, channel, args)),
  },
  'conversations.replies': {
    token: 'bot',
    scopes: history,
    tier: 3,
    run: (args) => withMember(workspace, args, (channel) => readReplies(workspace, channel, args)),
  },
});

/** Private channels without the app as a member count as not found. */
function withChannel(workspace: Workspace, args: Args, run: (channel: Channel) => Reply): Reply {
  const channel = workspace.channel(args.text('channel'));
  const hidden = channel?.isPrivate === true && !channel.members.has(workspace.app.botUser);
  return channel === undefined || hidden ? fail('channel_not_found') : run(channel);
}

const withMember = (workspace: Workspace, args: Args, run: (channel: Channel) => Reply): Reply =>
  withChannel(workspace, args, (channel) =>
    channel.members.has(workspace.app.botUser) ? run(channel) : fail('not_in_channel'),
  );

function channelBody(workspace: Workspace, channel: Channel, args: Args): JsonObject {
  return {
    id: channel.id,
    name: channel.name,
    name_normalized: channel.name,
    is_channel: !channel.isPrivate,
    is_group: channel.isPrivate,
    is_im: false,
    is_mpim: false,
    is_private: channel.isPrivate,
    is_archived: channel.isArchived,
    is_general: channel.name === 'general',
    is_shared: channel.isExtShared,
    is_ext_shared: channel.isExtShared,
    is_org_shared: false,
    is_member: channel.members.has(workspace.app.botUser),
    created: 1_700_000_000,
    creator: 'U0LEE',
    context_team_id: workspace.team.id,
    topic: { value: channel.topic, creator: '', last_set: 0 },
    purpose: { value: '', creator: '', last_set: 0 },
    previous_names: [],
    ...(args.flag('include_num_members') ? { num_members: channel.members.size } : {}),
  };
}

function listChannels(workspace: Workspace, args: Args): Reply {
  const types = args.has('types') ? args.text('types').split(',') : ['public_channel'];
  const shown = workspace
    .channels()
    .filter(({ isPrivate }) => types.includes(isPrivate ? 'private_channel' : 'public_channel'))
    .filter(({ isPrivate, members }) => !isPrivate || members.has(workspace.app.botUser))
    .filter(({ isArchived }) => !isArchived || !args.flag('exclude_archived'));
  return paged(
    'channels',
    shown.map((channel) => channelBody(workspace, channel, args)),
    { args, fallback: 100 },
  );
}

interface Paging {
  readonly args: Args;
  readonly fallback: number;
}

function paged(key: string, all: readonly (JsonObject | string)[], { args, fallback }: Paging): Reply {
  const page = pageOf(all, args, fallback);
  if (typeof page === 'string') return fail(page);
  return ok({ [key]: page.items, response_metadata: { next_cursor: page.next } });
}

function join(workspace: Workspace, channel: Channel): Reply {
  if (channel.isPrivate) return fail('method_not_supported_for_channel_type');
  if (channel.isArchived) return fail('is_archived');
  const already = channel.members.has(workspace.app.botUser);
  workspace.join(channel.id, workspace.app.botUser);
  return ok({
    channel: { id: channel.id, name: channel.name },
    ...(already ? { warning: 'already_in_channel' } : {}),
  });
}

/** `oldest` and `latest` are exclusive unless `inclusive` is set. */
function inRange(message: Message, args: Args): boolean {
  const at = Number(message.ts);
  const oldest = args.number('oldest', 0);
  const latest = args.number('latest', Number.POSITIVE_INFINITY);
  return args.flag('inclusive') ? at >= oldest && at <= latest : at > oldest && at < latest;
}

function readHistory(workspace: Workspace, channel: Channel, args: Args): Reply {
  const shown = workspace
    .messages(channel.id)
    .filter((message) => message.threadTs === undefined || message.broadcast)
    .filter((message) => inRange(message, args))
    .reverse();
  return messagePage(workspace, shown, args);
}

function readReplies(workspace: Workspace, channel: Channel, args: Args): Reply {
  const parent = workspace.message(channel.id, args.text('ts'));
  if (parent === undefined) return fail('thread_not_found');
  const replies = workspace.replies(channel.id, parent.ts).filter((message) => inRange(message, args));
  return messagePage(workspace, [parent, ...replies], args);
}

function messagePage(workspace: Workspace, messages: readonly Message[], args: Args): Reply {
  const shown = { metadata: args.flag('include_all_metadata') };
  const page = pageOf(
    messages.map((message) => messageBody(workspace, message, shown)),
    args,
    100,
  );
  if (typeof page === 'string') return fail(page);
  return ok({
    messages: page.items,
    has_more: page.next !== '',
    pin_count: messages.filter(({ pinned }) => pinned).length,
    ...(page.next === '' ? {} : { response_metadata: { next_cursor: page.next } }),
  });
}
