/** Looks people and group memberships up in Slack, with a cache of minutes. */
import { PortError } from '../../reboot/ports/port-error.ts';
import { minute, type Millis } from '../../reboot/time/time.ts';
import type { Person } from '../../reboot/approval/person.ts';
import { isTimeZone } from '../../reboot/windows/wall-clock.ts';
import { sharedReadings } from '../../timing/shared-readings.ts';
import { z } from 'zod';
import { readAnswer } from '../connection/read-answer.ts';
import { createMemberships, type MembershipOptions } from './memberships.ts';
import { refusalCode } from '../connection/slack-errors.ts';

export interface Identity {
  readonly person: Person;
  /** Of the person, by its IANA name; absent where Slack names none that is known. */
  readonly timeZone?: string;
}

export interface Directory {
  /** `teamId` from the payload: people of other organisations can click in shared channels. */
  identify(userId: string, teamId?: string): Promise<Identity>;
}

export interface DirectoryOptions extends MembershipOptions {
  /** The workspace and, in Enterprise Grid, the organisation that the bot is installed in. */
  readonly workspace: () => { readonly teamId: string; readonly enterpriseId?: string };
}

const userLifetime: Millis = 5 * minute;
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
    tz: z.string().nullish(),
    real_name: z.string().optional(),
    profile: z.object({ display_name: z.string().optional(), real_name: z.string().optional() }).optional(),
    enterprise_user: z.object({ enterprise_id: z.string().optional() }).optional(),
  }),
});
type SlackUser = z.infer<typeof userAnswer>['user'];

export function createDirectory(options: DirectoryOptions): Directory {
  const { gateway, clock } = options;
  const users = sharedReadings<SlackUser>(clock, userLifetime);
  const memberships = createMemberships(options);

  const fetchUser = async (user: string): Promise<SlackUser> => {
    try {
      return readAnswer('users.info', userAnswer, await gateway.call('users.info', { user })).user;
    } catch (error) {
      throw unknownPeople.has(refusalCode(error) ?? '') ? unknownPerson(user, error) : error;
    }
  };

  return {
    identify: async (userId, teamId) => {
      const [user, inGroups, inChannels] = await Promise.all([
        users.read(userId, () => fetchUser(userId)),
        memberships.groupsOf(userId),
        memberships.channelsOf(userId),
      ]);
      const workspace = options.workspace();
      return {
        person: personOf({
          user,
          teamId,
          groups: inGroups,
          channels: inChannels,
          unknownChannels: memberships.unknownChannels(),
          workspace,
        }),
        ...(user.tz && isTimeZone(user.tz) ? { timeZone: user.tz } : {}),
      };
    },
  };
}

interface PersonSources {
  readonly user: SlackUser;
  readonly teamId: string | undefined;
  readonly groups: readonly string[];
  readonly channels: readonly string[];
  readonly unknownChannels: readonly string[];
  readonly workspace: ReturnType<DirectoryOptions['workspace']>;
}

const personOf = ({ user, teamId, groups, channels, unknownChannels, workspace }: PersonSources): Person => ({
  id: user.id,
  name: user.profile?.display_name || user.profile?.real_name || user.real_name || user.name || user.id,
  groups,
  channels,
  ...(unknownChannels.length === 0 ? {} : { unknownChannels }),
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
