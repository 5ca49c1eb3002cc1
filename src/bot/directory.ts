/** Looks people and group memberships up in Slack, with a cache of minutes. */
import { PortError } from '../reboot/ports/port-error.ts';
import { type Clock, minute, second, type Millis } from '../reboot/time/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { Person } from '../reboot/approval/person.ts';
import { sharedReadings } from '../timing/shared-readings.ts';
import { z } from 'zod';
import type { Gateway } from './connection/gateway.ts';
import { refusalCode } from './connection/slack-errors.ts';

export interface Identity {
  readonly person: Person;
  /** Offset of the person's local time from UTC. */
  readonly utcOffset: Millis;
}

export interface Directory {
  /** `teamId` from the payload: people of other organisations can click in shared channels. */
  identify(userId: string, teamId?: string): Promise<Identity>;
}

export interface DirectoryOptions {
  readonly gateway: Gateway;
  readonly clock: Clock;
  readonly logger: Logger;
  /** The workspace and, in Enterprise Grid, the organisation that the bot is installed in. */
  readonly workspace: () => { readonly teamId: string; readonly enterpriseId?: string };
  readonly approverGroups: () => readonly string[];
  /** Channels whose members may approve. */
  readonly approverChannels: () => readonly string[];
}

const userLifetime: Millis = 5 * minute;
/**
 * Membership of a group or channel grants the right to approve, so that its cache is shorter; the method for
 * groups allows 20 calls a minute.
 */
const memberLifetime: Millis = 2 * minute;
/** Slack's recommendation is at most 200 for each page, its limit below 1000 (conversations.members, limit). */
const membersOnPage = 200;
/** Beyond it nobody further is found: such a channel is no list of approvers. */
const mostPages = 25;

/**
 * docs.slack.dev, users.info, errors: people of other organisations without a shared channel, and ids that do
 * not exist.
 */
const unknownPeople: ReadonlySet<string> = new Set(['user_not_found', 'user_not_visible', 'users_not_found']);

const unknownPerson = (user: string, cause: unknown): PortError =>
  new PortError('chat-unknown-person', `Slack knows no person ${user}`, { retryable: false, cause });

const userAnswer = z.object({
  user: z.object({
    id: z.string(),
    name: z.string().optional(),
    team_id: z.string().optional(),
    deleted: z.boolean().optional(),
    is_bot: z.boolean().optional(),
    is_restricted: z.boolean().optional(),
    is_ultra_restricted: z.boolean().optional(),
    is_stranger: z.boolean().optional(),
    tz_offset: z.number().optional(),
    real_name: z.string().optional(),
    profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
    enterprise_user: z.object({ enterprise_id: z.string().optional() }).optional(),
  }),
});
type SlackUser = z.infer<typeof userAnswer>['user'];
const groupAnswer = z.object({ users: z.array(z.string()) });
const membersAnswer = z.object({
  members: z.array(z.string()),
  response_metadata: z.object({ next_cursor: z.string().optional() }).optional(),
});

export function createDirectory(options: DirectoryOptions): Directory {
  const { gateway, clock, logger } = options;
  const users = sharedReadings<SlackUser>(clock, userLifetime);
  const groups = sharedReadings<readonly string[]>(clock, memberLifetime);
  const channels = sharedReadings<readonly string[]>(clock, memberLifetime);

  const fetchUser = async (user: string): Promise<SlackUser> => {
    try {
      return read('users.info', userAnswer, await gateway.call('users.info', { user })).user;
    } catch (error) {
      throw unknownPeople.has(refusalCode(error) ?? '') ? unknownPerson(user, error) : error;
    }
  };

  /** A group or channel that cannot be read approves nothing; it must not lock out the other approvers. */
  const orNobody = async (
    what: Readonly<Record<string, string>>,
    work: Promise<readonly string[]>,
  ): Promise<readonly string[]> => {
    try {
      return await work;
    } catch (error) {
      if (!(error instanceof PortError) || error.retryable) throw error;
      logger.error('cannot read who may approve', { ...what, err: error });
      return [];
    }
  };

  const fetchGroup = async (usergroup: string): Promise<readonly string[]> => {
    const method = 'usergroups.users.list';
    return read(method, groupAnswer, await gateway.call(method, { usergroup })).users;
  };

  const fetchMembers = async (channel: string): Promise<readonly string[]> => {
    const method = 'conversations.members';
    const found: string[] = [];
    let cursor: string | undefined;
    for (let page = 0; page < mostPages; page += 1) {
      const args = { channel, limit: membersOnPage, ...(cursor ? { cursor } : {}) };
      const answer = read(method, membersAnswer, await gateway.call(method, args));
      found.push(...answer.members);
      cursor = answer.response_metadata?.next_cursor;
      if (!cursor) return found;
    }
    logger.warn('channel has more members than are read', { channel, members: found.length });
    return found;
  };

  const groupsOf = memberships(options.approverGroups, (group) =>
    groups.read(group, () => orNobody({ group }, fetchGroup(group))),
  );
  const channelsOf = memberships(options.approverChannels, (channel) =>
    channels.read(channel, () => orNobody({ channel }, fetchMembers(channel))),
  );

  return {
    identify: async (userId, teamId) => {
      const [user, inGroups, inChannels] = await Promise.all([
        users.read(userId, () => fetchUser(userId)),
        groupsOf(userId),
        channelsOf(userId),
      ]);
      const workspace = options.workspace();
      return {
        person: personOf({ user, teamId, groups: inGroups, channels: inChannels, workspace }),
        utcOffset: (user.tz_offset ?? 0) * second,
      };
    },
  };
}

/** Those of the named groups or channels that a person belongs to. */
const memberships =
  (named: () => readonly string[], membersOf: (id: string) => Promise<readonly string[]>) =>
  async (userId: string): Promise<string[]> => {
    const ids = [...new Set(named())];
    const members = await Promise.all(ids.map(membersOf));
    return ids.filter((_, nth) => members[nth]?.includes(userId));
  };

interface PersonSources {
  readonly user: SlackUser;
  readonly teamId: string | undefined;
  readonly groups: readonly string[];
  readonly channels: readonly string[];
  readonly workspace: ReturnType<DirectoryOptions['workspace']>;
}

const personOf = ({ user, teamId, groups, channels, workspace }: PersonSources): Person => ({
  id: user.id,
  name: user.profile?.display_name || user.profile?.real_name || user.real_name || user.name || user.id,
  groups,
  channels,
  guest: user.is_restricted === true || user.is_ultra_restricted === true,
  bot: user.is_bot === true || user.id === 'USLACKBOT',
  deactivated: user.deleted === true,
  foreign: isForeign(user, teamId, workspace),
});

function isForeign(
  user: SlackUser,
  teamId: string | undefined,
  workspace: PersonSources['workspace'],
): boolean {
  if (user.is_stranger === true) return true;
  // In Enterprise Grid all workspaces of one organisation are trusted.
  const organisation = user.enterprise_user?.enterprise_id;
  if (workspace.enterpriseId !== undefined && organisation === workspace.enterpriseId) return false;
  return [user.team_id, teamId].some((team) => team !== undefined && team !== workspace.teamId);
}

function read<T>(method: string, schema: z.ZodType<T>, answer: unknown): T {
  const parsed = schema.safeParse(answer);
  if (parsed.success) return parsed.data;
  throw new PortError('chat-refused', `Slack answered ${method} in a form that is not known`, {
    retryable: false,
    cause: parsed.error,
  });
}
