// Rows of a channel or a thread. Each is built once, and again only when its message changes.
import { act } from './act.js';
import { avatar } from './avatar.js';
import { renderBlocks } from './blocks/blocks.js';
import { ago, clock, dateOfTs, dayOfTs } from './blocks/dates.js';
import { told } from './dialogs.js';
import { animate, h, icon, reconcile } from './dom.js';
import { textOf } from './nodes.js';
import { store } from './store.js';

/** `list` is the element, `isThread` is true if it shows a thread. */
export function createMessageList({ list, isThread, openThread, dismiss }) {
  const rows = new Map();
  let first = true;

  return {
    show(messages, intro) {
      const next = intro ? [introRow(rows, intro)] : [];
      let day = '';
      let previous;
      for (const message of messages) {
        const today = dayOfTs(message.ts);
        if (today !== day && !isThread) next.push(dayRow(rows, today));
        const compact = today === day && follows(previous, message) && !isThread;
        next.push(rowOf(rows, message, compact, { isThread, openThread, dismiss, first }));
        if (isThread && message === messages[0]) next.push(countRow(rows, messages.length - 1));
        day = today;
        previous = message;
      }
      const kept = new Set(next);
      for (const [key, row] of rows) if (!kept.has(row.element ?? row)) rows.delete(key);
      reconcile(list, next);
      first = false;
    },
    /** After a change of place nothing is animated. */
    reset() {
      rows.clear();
      list.replaceChildren();
      first = true;
    },
  };
}

const follows = (previous, message) =>
  previous !== undefined &&
  !('bySlackbot' in message) &&
  !('bySlackbot' in previous) &&
  previous.user === message.user &&
  !message.broadcast &&
  message.blocks[0]?.type !== 'header' &&
  previous.replies === 0 &&
  Number(message.ts) - Number(previous.ts) < 300;

function dayRow(rows, day) {
  const key = `day ${day}`;
  const element = rows.get(key)?.element ?? h('li', { class: 'day', role: 'separator' }, h('span', {}, day));
  rows.set(key, { element });
  return element;
}

/** The introduction at the top of a channel. */
function introRow(rows, { name, topic, hint }) {
  const key = `intro ${name}`;
  const element =
    rows.get(key)?.element ??
    h(
      'li',
      { class: 'intro' },
      h('span', { class: 'intro-sign' }, icon('hash')),
      h('h2', {}, `This is the beginning of #${name}`),
      h('p', {}, topic),
      hint && h('p', { class: 'intro-hint' }, hint),
    );
  rows.set(key, { element });
  return element;
}

function countRow(rows, count) {
  const words = count === 1 ? '1 reply' : `${count} replies`;
  const element = rows.get('count')?.element ?? h('li', { class: 'day count', role: 'separator' });
  element.replaceChildren(h('span', {}, words));
  element.hidden = count === 0;
  rows.set('count', { element });
  return element;
}

function rowOf(rows, message, compact, context) {
  const key = `message ${message.channel} ${message.ts}`;
  const known = rows.get(key);
  const version = JSON.stringify([message, compact]);
  if (known?.version === version) return known.element;
  const element = known?.element ?? h('li', { class: 'message', data: { ts: message.ts } });
  const focused = focusedAction(element);
  element.className = classesOf(message, compact);
  element.replaceChildren(...contentOf(message, compact, context));
  if (focused) element.querySelector(`[data-action="${CSS.escape(focused)}"]`)?.focus();
  if (!known && !context.first) {
    animate(element, [{ opacity: 0, transform: 'translateY(6px)' }, { opacity: 1, transform: 'none' }], { duration: 180, easing: 'ease-out' });
  }
  rows.set(key, { element, version });
  return element;
}

const focusedAction = (element) =>
  element.contains(document.activeElement) ? document.activeElement.dataset.action : undefined;

const isEphemeral = (message) => 'bySlackbot' in message;

const classesOf = (message, compact) =>
  ['message', compact && 'compact', isEphemeral(message) && 'ephemeral', message.tombstone && 'tombstone'].filter(Boolean).join(' ');

function contentOf(message, compact, context) {
  const author = isEphemeral(message) ? (message.bySlackbot ? 'slackbot' : store.app.user) : message.user;
  const body = h(
    'div',
    { class: 'message-main' },
    isEphemeral(message) && onlyYou(),
    message.broadcast && sentToChannel(message, context),
    !compact && head(message, author),
    h('div', { class: 'message-body' }, bodyOf(message)),
    reactions(message),
    !context.isThread && message.replies > 0 && replyBar(message, context),
    isEphemeral(message) && dismissLink(message, context),
  );
  const side = compact ? time(message, 'gutter') : avatar(author);
  return [side, body, !context.isThread && canReply(message) && tools(message, context)].filter(Boolean);
}

const onlyYou = () => h('p', { class: 'only-you' }, icon('eye'), 'Only visible to you');

const dismissLink = (message, { dismiss }) =>
  h('button', { type: 'button', class: 'link small', onclick: () => dismiss(message) }, 'Dismiss message');

function sentToChannel(message, { isThread, openThread }) {
  if (isThread) return h('p', { class: 'only-you' }, icon('hash'), 'Also sent to the channel');
  return h(
    'p',
    { class: 'only-you' },
    icon('reply'),
    'Replied to ',
    h('button', { type: 'button', class: 'link', onclick: () => openThread(message.channel, message.threadTs) }, 'a thread'),
  );
}

function head(message, author) {
  const user = store.users.get(author);
  const isApp = author === store.app.user;
  return h(
    'p',
    { class: 'message-head' },
    h('strong', { class: 'author' }, author === 'slackbot' ? 'Slackbot' : isApp ? store.app.name : (user?.realName ?? author)),
    (isApp || author === 'slackbot') && h('span', { class: 'badge' }, 'app'),
    time(message),
    message.pinned && h('span', { class: 'muted' }, 'pinned'),
  );
}

const time = ({ ts }, className = 'time') =>
  h('time', { class: className, datetime: dateOfTs(ts).toISOString(), title: dateOfTs(ts).toLocaleString() }, clock(dateOfTs(ts)));

function bodyOf(message) {
  const edited = message.edited && h('span', { class: 'muted small' }, ' (edited)');
  if (message.blocks.length === 0) return [h('div', { class: 'b-text' }, textOf(message.nodes), edited)];
  return renderBlocks(message.blocks, hostOf(message));
}

const hostOf = (message) => ({
  container: message.ts,
  press: async (block, element, option) => {
    const pressed = await act('press', { channel: message.channel, ts: message.ts, action: element.action_id, block: block.block_id, option });
    if (!pressed.ok) told(pressed.ended ? pressed.error : 'The message changed in the meantime, and that button is gone. Nothing was done.');
  },
});

function reactions(message) {
  if (!message.reactions?.length) return null;
  return h('p', { class: 'reactions' }, message.reactions.map(({ nodes, count }) => h('span', { class: 'reaction' }, textOf(nodes), ` ${count}`)));
}

function replyBar(message, { openThread }) {
  const words = message.replies === 1 ? '1 reply' : `${message.replies} replies`;
  return h(
    'button',
    { type: 'button', class: 'replies', onclick: () => openThread(message.channel, message.ts) },
    message.repliers.slice(0, 4).map((user) => avatar(user, 'tiny')),
    h('span', { class: 'replies-count' }, words),
    h('span', { class: 'muted' }, `Last reply ${ago(dateOfTs(message.lastReply))}`),
    icon('chevron'),
  );
}

const canReply = (message) => !isEphemeral(message) && message.threadTs === null && !message.tombstone;

const tools = (message, { openThread }) =>
  h(
    'div',
    { class: 'tools' },
    h(
      'button',
      { type: 'button', class: 'icon', 'aria-label': 'Reply in thread', title: 'Reply in thread', onclick: () => openThread(message.channel, message.ts) },
      icon('reply'),
    ),
  );
