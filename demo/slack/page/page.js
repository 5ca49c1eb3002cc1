// The page: receives the event stream, and draws what has changed.
import { act } from './act.js';
import { paintAvatar } from './avatar.js';
import { renderBlocks } from './blocks/blocks.js';
import { showCluster } from './cluster.js';
import { createComposer } from './composer.js';
import { refreshRelative } from './blocks/dates.js';
import { byId, h, icon } from './dom.js';
import { rememberMark } from './blocks/marks.js';
import { createMessageList } from './messages.js';
import { showModals } from './modal.js';
import { channelMessages, dropMessage, loadState, putMessage, store, threadMessages } from './store.js';

const scroll = byId('scroll');
const threadScroll = byId('thread-scroll');

const dismiss = (message) => {
  store.ephemerals.delete(message.ts);
  draw();
};
const rowContext = { openThread: (channel, ts) => openThread(channel, ts), dismiss };
const channelList = createMessageList({ list: byId('messages'), isThread: false, ...rowContext });
const threadList = createMessageList({ list: byId('thread-messages'), isThread: true, ...rowContext });

const composer = createComposer(byId('composer'), {
  id: 'composer-input',
  label: 'Message',
  where: () => ({ channel: store.place.channel }),
  afterSend: () => toEnd(scroll),
});
createComposer(byId('thread-composer'), {
  id: 'thread-input',
  label: 'Reply…',
  where: () => ({ channel: store.thread?.channel, threadTs: store.thread?.ts }),
  afterSend: () => toEnd(threadScroll),
});
byId('thread-close').append(icon('close'));

const atEnd = (element) => element.scrollHeight - element.scrollTop - element.clientHeight < 60;
/** Elements in which the reader has scrolled back to older messages. */
const away = new WeakSet();
const toEnd = (element) => {
  away.delete(element);
  element.scrollTop = element.scrollHeight;
};

/**
 * A reader at the end stays there when messages or sizes change; a reader of older messages stays in place.
 */
for (const element of [scroll, threadScroll]) {
  let size = '';
  const sizeNow = () => `${element.scrollHeight} ${element.clientHeight}`;
  // The browser's scroll anchoring also causes scroll events. Only one without a change of size is the
  // reader's.
  element.addEventListener('scroll', () => {
    if (sizeNow() !== size) return;
    if (atEnd(element)) away.delete(element);
    else away.add(element);
  });
  const follow = new ResizeObserver(() => {
    if (!away.has(element)) toEnd(element);
    size = sizeNow();
  });
  follow.observe(element);
  follow.observe(element.firstElementChild);
}

function draw() {
  drawSide();
  const inChannel = store.place.kind === 'channel';
  scroll.hidden = !inChannel;
  byId('home').hidden = inChannel;
  byId('composer').hidden = !inChannel;
  if (inChannel) drawChannel();
  else drawHome();
  drawThread();
  drawSocket();
}

function drawChannel() {
  const channel = store.channels.find(({ id }) => id === store.place.channel);
  if (channel === undefined) return;
  byId('title').replaceChildren(icon('hash'), channel.name);
  byId('topic').textContent = channel.topic;
  composer.rename(`Message #${channel.name}, or try ${store.app.command} status`);
  const hint = store.world && [
    'Press ',
    h('strong', {}, 'apt upgrade'),
    ' on a node: it will ask for its reboot here. Approve it, and watch it drain, boot and come back.',
  ];
  const invited = hint && channel.id === store.homeChannel;
  channelList.show(channelMessages(channel.id), { ...channel, hint: invited ? hint : undefined });
}

let homeDrawn;

function drawHome() {
  byId('title').replaceChildren(store.app.name);
  byId('topic').textContent = 'Home';
  const { home } = store;
  const key = `${store.me} ${home?.id} ${home?.hash}`;
  if (key === homeDrawn) return;
  homeDrawn = key;
  const host = home && {
    container: home.id,
    press: (block, element, option) =>
      act('press-view', { view: home.id, action: element.action_id, block: block.block_id, option }),
  };
  byId('home').replaceChildren(
    ...(home ? renderBlocks(home.blocks, host) : [h('p', { class: 'empty' }, `${store.app.name} has published no Home yet.`)]),
  );
}

function drawThread() {
  const pane = byId('thread');
  pane.hidden = store.thread === null || store.place.kind !== 'channel';
  byId('app').classList.toggle('with-thread', !pane.hidden);
  if (pane.hidden) return;
  const { channel, ts } = store.thread;
  byId('thread-where').textContent = `#${store.channels.find(({ id }) => id === channel)?.name ?? ''}`;
  threadList.show(threadMessages(channel, ts));
}

let sideDrawn;

function drawSide() {
  drawActing();
  const key = JSON.stringify([store.place, store.team, store.channels]);
  if (key === sideDrawn) return;
  sideDrawn = key;
  byId('team-name').textContent = store.team.name;
  byId('team-badge').textContent = store.team.name[0] ?? '';
  const entry = (current, content, onclick) =>
    h('li', {}, h('button', { type: 'button', 'aria-current': current ? 'page' : undefined, onclick }, content));
  const { place } = store;
  byId('channels').replaceChildren(
    ...store.channels.map(({ id, name }) =>
      entry(place.kind === 'channel' && place.channel === id, [icon('hash'), h('span', {}, name)], () => goTo({ kind: 'channel', channel: id })),
    ),
  );
  byId('apps').replaceChildren(
    entry(place.kind === 'home', [icon('tug'), h('span', {}, store.app.name)], () => {
      goTo({ kind: 'home', channel: place.channel });
      void act('home', {});
    }),
  );
}

function drawActing() {
  const people = [...store.users.values()].filter(({ isBot }) => !isBot);
  const select = byId('acting');
  if (select.options.length !== people.length) {
    select.replaceChildren(...people.map(({ id, realName, title }) => h('option', { value: id, title }, realName)));
  }
  select.value = store.me;
  byId('acting-title').textContent = store.users.get(store.me)?.title ?? '';
  paintAvatar(byId('acting-avatar'), store.me);
}

function drawSocket() {
  const connected = store.sockets > 0;
  byId('socket').className = connected ? 'socket on' : 'socket off';
  byId('socket').textContent = connected ? `${store.app.name} is connected` : `${store.app.name} is not connected`;
}

function goTo(place) {
  store.place = place;
  store.thread = null;
  channelList.reset();
  threadList.reset();
  draw();
  toEnd(scroll);
}

let threadOpener;

function openThread(channel, ts) {
  threadOpener = document.activeElement;
  store.thread = { channel, ts };
  threadList.reset();
  draw();
  toEnd(threadScroll);
  byId('thread-input').focus();
}

function closeThread() {
  store.thread = null;
  draw();
  if (threadOpener?.isConnected) threadOpener.focus();
}

const handlers = {
  state(data) {
    loadState(data);
    channelList.reset();
    threadList.reset();
    showModals();
    showCluster();
    draw();
    toEnd(scroll);
  },
  message({ message }) {
    putMessage(message);
    draw();
  },
  'message-gone'({ channel, ts }) {
    dropMessage(channel, ts);
    draw();
  },
  ephemeral({ message }) {
    store.ephemerals.set(message.ts, message);
    draw();
  },
  'ephemeral-gone'({ ts }) {
    store.ephemerals.delete(ts);
    draw();
  },
  modals({ modals }) {
    store.modals = modals;
    showModals();
  },
  home({ home }) {
    store.home = home;
    draw();
  },
  sockets({ open }) {
    store.sockets = open;
    drawSocket();
  },
  world({ world }) {
    store.world = world;
    showCluster();
  },
  action({ mark }) {
    rememberMark(mark);
  },
};

let stream;

function connectAs(user) {
  stream?.close();
  store.ephemerals.clear();
  stream = new EventSource(`/events?user=${encodeURIComponent(user)}`);
  stream.onmessage = ({ data }) => {
    const event = JSON.parse(data);
    handlers[event.kind]?.(event);
  };
  stream.onerror = () => {
    store.sockets = 0;
    byId('socket').className = 'socket off';
    byId('socket').textContent = 'The demo does not answer; waiting for it';
  };
}

byId('acting').addEventListener('change', ({ target }) => connectAs(target.value));
byId('thread-close').addEventListener('click', closeThread);
byId('thread').addEventListener('keydown', (event) => event.key === 'Escape' && closeThread());
document.addEventListener('click', (event) => {
  const link = event.target.closest?.('a.permalink');
  if (!link) return;
  event.preventDefault();
  const { channel, ts, thread } = link.dataset;
  store.place = { kind: 'channel', channel };
  openThread(channel, thread || ts);
});
for (const button of document.querySelectorAll('.switch button')) {
  button.addEventListener('click', () => {
    byId('app').dataset.view = button.dataset.view;
    for (const other of document.querySelectorAll('.switch button')) other.setAttribute('aria-pressed', String(other === button));
  });
}
setInterval(() => refreshRelative(document), 20_000);

connectAs(new URLSearchParams(location.search).get('user') ?? '');
