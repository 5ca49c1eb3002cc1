// Builds elements from the text nodes parsed by the server. Unknown kinds are omitted.
import { formatDate } from './blocks/dates.js';
import { h } from './dom.js';
import { store } from './store.js';

export const textOf = (nodes) => (nodes ?? []).map(render);

const kids = (node) => textOf(node.kids);

const renderers = {
  text: (node) => pieces(node.text),
  break: () => h('br'),
  bold: (node) => h('strong', {}, kids(node)),
  italic: (node) => h('em', {}, kids(node)),
  strike: (node) => h('s', {}, kids(node)),
  quote: (node) => h('blockquote', {}, kids(node)),
  code: (node) => h('code', {}, node.text),
  pre: (node) => h('pre', {}, node.text),
  link: (node) => link(node.url, kids(node)),
  user: (node) => mention(`@${store.users.get(node.id)?.name ?? (node.label || node.id)}`, node.id === store.me),
  group: (node) => mention(`@${store.groups.get(node.id)?.handle ?? (node.label || node.id)}`),
  channel: (node) => mention(`#${store.channels.find(({ id }) => id === node.id)?.name ?? (node.label || node.id)}`),
  broadcast: (node) => mention(`@${node.range}`, true),
  date: (node) => date(node),
  emoji: (node) => h('span', { role: 'img', 'aria-label': node.name.replaceAll('_', ' ') }, node.char),
  heading: (node) => h('p', { class: `md-heading md-${node.level}`, role: 'heading', 'aria-level': 3 + node.level }, kids(node)),
  list: (node) => h(node.ordered ? 'ol' : 'ul', { class: 'text-list' }, node.items.map((item) => h('li', {}, textOf(item)))),
};

const render = (node) => renderers[node.t]?.(node);

/** A bar of block characters is drawn as an element, since fonts shade the characters differently. */
function pieces(text) {
  return text.split(/([▓█░▒]{5,})/).map((piece) => (/^[▓█░▒]{5,}$/.test(piece) ? bar(piece) : piece));
}

function bar(characters) {
  const share = Math.round((characters.replace(/[░▒]+/, '').length / characters.length) * 100);
  const element = h('span', { class: 'bar', role: 'img', 'aria-label': `${share} %` });
  element.style.setProperty('--share', `${share}%`);
  return element;
}

const mention = (text, me = false) => h('span', { class: me ? 'mention me' : 'mention' }, text);

function link(url, children) {
  const message = /\/archives\/(\w+)\/p(\d+)(\d{6})(?:\?thread_ts=([\d.]+))?/.exec(url);
  if (message === null) return h('a', { href: url, target: '_blank', rel: 'noopener noreferrer' }, children);
  // A permalink becomes a link within this page.
  const [, channel, seconds, micros, threadTs] = message;
  const data = { channel, ts: `${seconds}.${micros}`, thread: threadTs ?? '' };
  return h('a', { href: `#${channel}-${data.ts}`, class: 'permalink', data }, children);
}

function date(node) {
  const time = h(
    'time',
    { datetime: new Date(node.unix * 1000).toISOString(), title: new Date(node.unix * 1000).toLocaleString(), data: { unix: node.unix, format: node.format } },
    formatDate(node.unix, node.format),
  );
  return node.url === undefined ? time : h('a', { href: node.url, target: '_blank', rel: 'noopener noreferrer' }, time);
}
