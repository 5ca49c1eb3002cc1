import type { JsonObject } from '../json.ts';
import type { Message } from '../workspace/records.ts';
import type { Workspace } from '../workspace/workspace.ts';

type Shown = { readonly metadata: boolean };

/** A message in the form of the Web API and of payloads. */
export function messageBody(
  workspace: Workspace,
  message: Message,
  shown: Shown = { metadata: false },
): JsonObject {
  return {
    type: 'message',
    ...subtypeOf(message),
    user: message.user,
    ts: message.ts,
    text: message.text,
    team: workspace.team.id,
    ...(message.byApp ? appFields(workspace) : {}),
    ...(message.blocks === undefined ? {} : { blocks: message.blocks }),
    ...(message.attachments === undefined ? {} : { attachments: message.attachments }),
    ...(message.editedTs === undefined ? {} : { edited: { user: message.user, ts: message.editedTs } }),
    ...(shown.metadata && message.metadata !== undefined ? { metadata: message.metadata } : {}),
    ...threadFields(workspace, message),
    ...(message.reactions.length === 0 ? {} : { reactions: message.reactions.map(reactionBody) }),
  };
}

const reactionBody = ({ name, users }: Message['reactions'][number]): JsonObject => ({
  name,
  users,
  count: users.length,
});

function subtypeOf(message: Message): JsonObject {
  if (message.tombstone) return { subtype: 'tombstone', hidden: true };
  return message.broadcast ? { subtype: 'thread_broadcast' } : {};
}

const appFields = ({ app, team }: Workspace): JsonObject => ({
  bot_id: app.botId,
  app_id: app.id,
  bot_profile: {
    id: app.botId,
    app_id: app.id,
    name: app.name,
    team_id: team.id,
    deleted: false,
    updated: 0,
    icons: { image_36: '', image_48: '', image_72: '' },
  },
});

function threadFields(workspace: Workspace, message: Message): JsonObject {
  if (message.threadTs !== undefined) return { thread_ts: message.threadTs };
  const replies = workspace.replies(message.channel, message.ts);
  const last = replies.at(-1);
  if (last === undefined) return {};
  const users = [...new Set(replies.map((reply) => reply.user))];
  return {
    thread_ts: message.ts,
    reply_count: replies.length,
    reply_users: users,
    reply_users_count: users.length,
    latest_reply: last.ts,
  };
}
