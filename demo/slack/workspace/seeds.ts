import type { Channel, Team, User, Usergroup } from './records.ts';

export const team: Team = { id: 'T0HARBOUR', name: 'Harbour', domain: 'harbour' };

/** The other team of a Slack Connect channel. */
export const foreignTeam = 'T0PARTNER';

const person = (user: Pick<User, 'id' | 'name' | 'realName' | 'title'> & Partial<User>): User => ({
  teamId: team.id,
  isBot: false,
  isGuest: false,
  isStranger: false,
  deleted: false,
  tz: 'Europe/Berlin',
  ...user,
});

export const userSeeds: readonly User[] = [
  person({ id: 'U0MIA', name: 'mia', realName: 'Mia Okafor', title: 'SRE on call' }),
  person({ id: 'U0LEE', name: 'lee', realName: 'Lee Tanaka', title: 'SRE lead' }),
  person({ id: 'U0SAM', name: 'sam', realName: 'Sam Rivera', title: 'Developer' }),
  person({ id: 'U0GIO', name: 'gio', realName: 'Gio Conti', title: 'Guest', isGuest: true }),
  person({
    id: 'U0KIM',
    name: 'kim',
    realName: 'Kim Larsen',
    title: 'Partner company',
    teamId: foreignTeam,
    isStranger: true,
  }),
  person({ id: 'U0OLD', name: 'old', realName: 'Olga Dahl', title: 'Left the company', deleted: true }),
];

export const usergroupSeeds: readonly Usergroup[] = [
  { id: 'S0ONCALL', handle: 'sre-oncall', name: 'SRE on call', users: ['U0MIA', 'U0LEE'] },
  { id: 'S0LEADS', handle: 'sre-leads', name: 'SRE leads', users: ['U0LEE'] },
];

const everyone = userSeeds.filter((user) => !user.deleted).map((user) => user.id);

/** A further channel for reboots. */
export type RebootChannel = Pick<Channel, 'id' | 'name' | 'topic'>;

/**
 * The app's user is a member of the channels for reboots only: posts elsewhere fail as in a real workspace.
 */
export const channelSeeds = (botUser: string, further: readonly RebootChannel[] = []): readonly Channel[] => [
  channel('C0REBOOTS', 'reboots', 'Node reboots, decided together', [...everyone, botUser]),
  ...further.map(({ id, name, topic }) => channel(id, name, topic, [...everyone, botUser])),
  channel('C0GENERAL', 'general', 'Company-wide news', everyone),
  channel('C0DEPLOYS', 'deploys', 'What ships, and when', everyone),
  { ...channel('C0ATTIC', 'attic', 'Archived', [...everyone, botUser]), isArchived: true },
  { ...channel('C0SECRET', 'incident-review', 'Private', ['U0LEE']), isPrivate: true },
];

const channel = (id: string, name: string, topic: string, members: readonly string[]): Channel => ({
  id,
  name,
  topic,
  isPrivate: false,
  isArchived: false,
  isExtShared: false,
  members: new Set(members),
});
