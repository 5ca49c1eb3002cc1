// The state of the page. Changed by the event stream only: pressing a button changes nothing here.

export const store = {
  team: { name: '' },
  app: { name: '', user: '', command: '' },
  me: '',
  users: new Map(),
  groups: new Map(),
  channels: [],
  /** By channel and ts. */
  messages: new Map(),
  ephemerals: new Map(),
  modals: [],
  home: null,
  /** The channel that the app works in. */
  homeChannel: '',
  sockets: 0,
  world: null,
  /** The current place: a channel, or the Home of the app. */
  place: { kind: 'channel', channel: '' },
  thread: null,
};

const key = (channel, ts) => `${channel} ${ts}`;

export const messageAt = (channel, ts) => store.messages.get(key(channel, ts));

export function loadState(state) {
  Object.assign(store, {
    team: state.team,
    app: state.app,
    me: state.me,
    users: new Map(state.users.map((user) => [user.id, user])),
    groups: new Map(state.groups.map((group) => [group.id, group])),
    channels: state.channels,
    messages: new Map(state.messages.map((message) => [key(message.channel, message.ts), message])),
    modals: state.modals,
    home: state.home,
    homeChannel: state.channel,
    sockets: state.sockets,
    world: state.world,
  });
  const known = store.channels.some(({ id }) => id === store.place.channel);
  if (!known) store.place = { kind: 'channel', channel: state.channel };
  if (store.thread && !messageAt(store.thread.channel, store.thread.ts)) store.thread = null;
}

export function putMessage(message) {
  store.messages.set(key(message.channel, message.ts), message);
}

export function dropMessage(channel, ts) {
  store.messages.delete(key(channel, ts));
}

const byTs = (one, other) => Number(one.ts) - Number(other.ts);

const ephemeralsAt = (channel, threadTs) =>
  [...store.ephemerals.values()].filter((one) => one.channel === channel && (one.threadTs ?? null) === threadTs);

/** The messages of a channel: its own, replies also sent to it, and ephemeral ones. */
export function channelMessages(channel) {
  const shown = [...store.messages.values()].filter(
    (message) => message.channel === channel && (message.threadTs === null || message.broadcast),
  );
  return [...shown, ...ephemeralsAt(channel, null)].sort(byTs);
}

export function threadMessages(channel, ts) {
  const replies = [...store.messages.values()].filter((message) => message.channel === channel && message.threadTs === ts);
  const parent = messageAt(channel, ts);
  return [...(parent ? [parent] : []), ...[...replies, ...ephemeralsAt(channel, ts)].sort(byTs)];
}
