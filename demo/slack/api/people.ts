import type { JsonObject } from '../json.ts';
import type { User, Usergroup } from '../workspace/records.ts';
import type { Workspace } from '../workspace/workspace.ts';
import { fail, ok, pageOf, type Methods } from './method.ts';

export const peopleMethods = (workspace: Workspace): Methods => ({
  'users.info': {
    token: 'bot',
    scopes: ['users:read'],
    tier: 4,
    run(args) {
      const user = workspace.user(args.text('user'));
      return user === undefined ? fail('user_not_found') : ok({ user: userBody(user) });
    },
  },
  'users.list': {
    token: 'bot',
    scopes: ['users:read'],
    tier: 2,
    run(args) {
      const page = pageOf(workspace.users().map(userBody), args, 200);
      if (typeof page === 'string') return fail(page);
      return ok({ members: page.items, cache_ts: 0, response_metadata: { next_cursor: page.next } });
    },
  },
  'usergroups.list': {
    token: 'bot',
    scopes: ['usergroups:read'],
    tier: 2,
    run: (args) =>
      ok({
        usergroups: workspace
          .usergroups()
          .map((group) => groupBody(workspace, group, args.flag('include_users'))),
      }),
  },
  'usergroups.users.list': {
    token: 'bot',
    scopes: ['usergroups:read'],
    tier: 2,
    run(args) {
      const group = workspace.usergroups().find(({ id }) => id === args.text('usergroup'));
      return group === undefined ? fail('no_such_subteam') : ok({ users: group.users });
    },
  },
});

/** As in Slack, people of other teams have `is_stranger`, and deleted users lack most fields. */
function userBody(user: User): JsonObject {
  return {
    id: user.id,
    team_id: user.teamId,
    name: user.name,
    deleted: user.deleted,
    is_bot: user.isBot,
    is_app_user: false,
    updated: 1_700_000_000,
    profile: {
      real_name: user.realName,
      display_name: user.name,
      real_name_normalized: user.realName,
      display_name_normalized: user.name,
      title: user.title,
      team: user.teamId,
    },
    ...(user.isStranger ? { is_stranger: true } : {}),
    ...(user.deleted
      ? {}
      : {
          real_name: user.realName,
          tz: user.tz,
          tz_label: user.tz,
          tz_offset: 3600,
          is_admin: false,
          is_owner: false,
          is_primary_owner: false,
          is_restricted: user.isGuest,
          is_ultra_restricted: false,
        }),
  };
}

const groupBody = (workspace: Workspace, group: Usergroup, withUsers: boolean): JsonObject => ({
  id: group.id,
  team_id: workspace.team.id,
  is_usergroup: true,
  is_subteam: true,
  is_external: false,
  name: group.name,
  handle: group.handle,
  description: '',
  date_create: 1_700_000_000,
  date_update: 1_700_000_000,
  date_delete: 0,
  user_count: group.users.length,
  ...(withUsers ? { users: group.users } : {}),
});
