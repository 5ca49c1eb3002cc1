import type { ChangeFeed } from '../change-feed.ts';
import type { SlackClock } from '../clock.ts';
import type { App, Channel, Ephemeral, Message, Team, User, Usergroup } from './records.ts';

export interface Workspace {
  readonly team: Team;
  readonly app: App;
  users(): readonly User[];
  user(id: string): User | undefined;
  usergroups(): readonly Usergroup[];
  channels(): readonly Channel[];
  channel(id: string): Channel | undefined;
  join(channel: string, user: string): void;
  leave(channel: string, user: string): void;
  /** Changes users and groups, as an administrator would. */
  setUser(user: User): void;
  setUsergroup(group: Usergroup): void;

  /** A new ts: later than every other, as Slack guarantees within a channel. */
  stamp(): string;
  message(channel: string, ts: string): Message | undefined;
  /** Oldest first, replies and tombstones included. */
  messages(channel: string): readonly Message[];
  replies(channel: string, ts: string): readonly Message[];
  put(message: Message): void;
  remove(channel: string, ts: string): void;

  ephemerals(user: string): readonly Ephemeral[];
  putEphemeral(ephemeral: Ephemeral): void;
  removeEphemeral(user: string, ts: string): void;
}

export interface WorkspaceSeed {
  readonly team: Team;
  readonly app: App;
  readonly users: readonly User[];
  readonly usergroups: readonly Usergroup[];
  readonly channels: readonly Channel[];
}

export function createWorkspace(seed: WorkspaceSeed, clock: SlackClock, changes: ChangeFeed): Workspace {
  const people = createPeople(seed);
  return {
    team: seed.team,
    app: seed.app,
    ...people,
    stamp: createStamp(clock),
    ...createMessages(changes),
    ...createEphemerals(changes),
  };
}

function createPeople(
  seed: WorkspaceSeed,
): Pick<
  Workspace,
  'users' | 'user' | 'usergroups' | 'channels' | 'channel' | 'join' | 'leave' | 'setUser' | 'setUsergroup'
> {
  const users = new Map(seed.users.map((user) => [user.id, user]));
  const groups = new Map(seed.usergroups.map((group) => [group.id, group]));
  const channels = new Map(seed.channels.map((channel) => [channel.id, channel]));
  const setMembers = (id: string, change: (members: Set<string>) => void): void => {
    const channel = channels.get(id);
    if (channel === undefined) return;
    const members = new Set(channel.members);
    change(members);
    channels.set(id, { ...channel, members });
  };
  return {
    users: () => [...users.values()],
    user: (id) => users.get(id),
    usergroups: () => [...groups.values()],
    channels: () => [...channels.values()],
    channel: (id) => channels.get(id),
    join: (channel, user) => setMembers(channel, (members) => members.add(user)),
    leave: (channel, user) => setMembers(channel, (members) => members.delete(user)),
    setUser: (user) => void users.set(user.id, user),
    setUsergroup: (group) => void groups.set(group.id, group),
  };
}

function createStamp(clock: SlackClock): () => string {
  let last = 0;
  return () => {
    // Microseconds fit exactly into a double until the year 2255.
    last = Math.max(last + 1, Math.floor(clock.now()) * 1000);
    return `${Math.floor(last / 1_000_000)}.${String(last % 1_000_000).padStart(6, '0')}`;
  };
}

function createMessages(
  changes: ChangeFeed,
): Pick<Workspace, 'message' | 'messages' | 'replies' | 'put' | 'remove'> {
  const byChannel = new Map<string, Map<string, Message>>();
  const of = (channel: string): Map<string, Message> => {
    const known = byChannel.get(channel) ?? new Map<string, Message>();
    byChannel.set(channel, known);
    return known;
  };
  return {
    message: (channel, ts) => of(channel).get(ts),
    messages: (channel) => [...of(channel).values()],
    replies: (channel, ts) =>
      [...of(channel).values()].filter((message) => message.threadTs === ts && message.ts !== ts),
    put(message) {
      of(message.channel).set(message.ts, message);
      changes.emit({ kind: 'message', channel: message.channel, ts: message.ts });
    },
    remove(channel, ts) {
      of(channel).delete(ts);
      changes.emit({ kind: 'message', channel, ts });
    },
  };
}

function createEphemerals(
  changes: ChangeFeed,
): Pick<Workspace, 'ephemerals' | 'putEphemeral' | 'removeEphemeral'> {
  const all = new Map<string, Ephemeral>();
  const key = (user: string, ts: string): string => `${user} ${ts}`;
  return {
    ephemerals: (user) => [...all.values()].filter((ephemeral) => ephemeral.user === user),
    putEphemeral(ephemeral) {
      all.set(key(ephemeral.user, ephemeral.ts), ephemeral);
      changes.emit({ kind: 'ephemeral', user: ephemeral.user, ts: ephemeral.ts });
    },
    removeEphemeral(user, ts) {
      all.delete(key(user, ts));
      changes.emit({ kind: 'ephemeral-gone', user, ts });
    },
  };
}
