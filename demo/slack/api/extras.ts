import { isObject, type Json, type JsonObject } from '../json.ts';
import type { Ids } from '../ids.ts';
import { checkBlocks } from '../validate/surfaces.ts';
import { checkView } from '../validate/views.ts';
import type { Problem } from '../validate/checks.ts';
import type { Message } from '../workspace/records.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { malformed, type Args } from './args.ts';
import { fail, ok, type Methods, type Reply } from './method.ts';

/** Smaller methods for messages and channels, and Slack's block validator. */
export const extraMethods = (workspace: Workspace, ids: Ids): Methods => ({
  'api.test': {
    token: 'none',
    tier: 'special',
    run: (args) => (args.has('error') ? fail(args.text('error')) : ok({ args: args.raw })),
  },
  'blocks.validate': { token: 'none', tier: 'special', run: validateBlocks },
  'reactions.add': {
    token: 'bot',
    scopes: ['reactions:write'],
    tier: 3,
    run: (args) => withMessage(workspace, args, (message) => react(workspace, message, args.text('name'))),
  },
  'pins.add': {
    token: 'bot',
    scopes: ['pins:write'],
    tier: 2,
    run: (args) =>
      withMessage(workspace, args, (message) => {
        if (message.pinned) return fail('already_pinned');
        workspace.put({ ...message, pinned: true });
        return ok();
      }),
  },
  ...bookmarks(workspace, ids),
});

function withMessage(workspace: Workspace, args: Args, run: (message: Message) => Reply): Reply {
  const channel = workspace.channel(args.text('channel'));
  if (channel === undefined) return fail('channel_not_found');
  const message = workspace.message(channel.id, args.text('timestamp'));
  return message === undefined || message.tombstone ? fail('message_not_found') : run(message);
}

function react(workspace: Workspace, message: Message, name: string): Reply {
  if (name === '') return fail('no_reaction');
  if (!/^[a-z0-9_+'-]+$/.test(name)) return fail('invalid_name');
  const mine = workspace.app.botUser;
  const users = message.reactions.find((reaction) => reaction.name === name)?.users ?? [];
  if (users.includes(mine)) return fail('already_reacted');
  const others = message.reactions.filter((reaction) => reaction.name !== name);
  workspace.put({ ...message, reactions: [...others, { name, users: [...users, mine] }] });
  return ok();
}

function bookmarks(workspace: Workspace, ids: Ids): Methods {
  const kept: {
    readonly id: string;
    readonly channel_id: string;
    readonly title: string;
    readonly link: string;
  }[] = [];
  return {
    'bookmarks.add': {
      token: 'bot',
      scopes: ['bookmarks:write'],
      tier: 2,
      run(args) {
        const channel = args.text('channel_id');
        if (workspace.channel(channel) === undefined) return fail('channel_not_found');
        if (!/^https?:\/\//.test(args.text('link'))) return fail('invalid_link');
        const bookmark = {
          id: ids.next('Bk'),
          channel_id: channel,
          title: args.text('title'),
          link: args.text('link'),
        };
        kept.push(bookmark);
        return ok({ bookmark });
      },
    },
    'bookmarks.list': {
      token: 'bot',
      scopes: ['bookmarks:read'],
      tier: 3,
      run: (args) => ok({ bookmarks: kept.filter(({ channel_id: id }) => id === args.text('channel_id')) }),
    },
  };
}

function validateBlocks(args: Args): Reply {
  const given = ['blocks', 'view', 'message'].filter((key) => args.has(key));
  const [key] = given;
  if (key === undefined || given.length !== 1) return fail('invalid_arguments');
  const value = args.json(key);
  if (value === undefined || value === malformed) return fail(`invalid_${key}`);
  const problems = problemsOf(key, value);
  return problems.length === 0 ? ok() : fail(`invalid_${key}`, { errors: problems.map(reportOf) });
}

const reportOf = ({ pointer, code, message, constraint }: Problem): JsonObject => ({
  pointer,
  code,
  message,
  ...(constraint === undefined ? {} : { constraint }),
});

function problemsOf(key: string, value: Json): readonly Problem[] {
  if (key === 'blocks') return checkBlocks(value, 'message');
  if (key === 'view') return checkView(value, isObject(value) && value['type'] === 'home' ? 'home' : 'modal');
  return checkBlocks(isObject(value) ? (value['blocks'] ?? []) : value, 'message', '/blocks');
}
