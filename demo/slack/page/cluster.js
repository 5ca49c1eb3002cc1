// The cluster beside the channel: a card per node and a tile per pod, animated when they change.
import { act } from './act.js';
import { animate, byId, h, icon, reconcile } from './dom.js';
import { store } from './store.js';

const cards = new Map();

/** More nodes than this are drawn as small tiles. */
const mostLarge = 12;

const patchWorkers = byId('patch-workers');
patchWorkers.addEventListener('click', async () => {
  patchWorkers.classList.add('busy');
  await act('patch-workers', {});
  patchWorkers.classList.remove('busy');
});

export function showCluster() {
  const { world } = store;
  byId('cluster').hidden = world === null;
  byId('app').classList.toggle('with-cluster', world !== null);
  if (world === null) return;
  const ready = world.nodes.filter((node) => node.ready).length;
  const many = world.nodes.length > mostLarge;
  byId('cluster-summary').textContent = `${ready} of ${world.nodes.length}${many ? '' : ' nodes'} Ready`;
  byId('nodes').classList.toggle('many', many);
  for (const name of cards.keys()) if (!world.nodes.some((node) => node.name === name)) cards.delete(name);
  reconcile(
    byId('nodes'),
    world.nodes.map((node) => {
      const card = cards.get(node.name) ?? createCard(node.name);
      cards.set(node.name, card);
      card.update(node);
      return card.element;
    }),
  );
}

function createCard(name) {
  const state = h('ul', { class: 'node-state', 'aria-label': `State of ${name}` });
  const role = h('span', { class: 'node-role' });
  const kernel = h('span', { class: 'node-fact' });
  const boot = h('span', { class: 'node-fact boot' });
  const pods = h('ul', { class: 'pods', 'aria-label': `Pods on ${name}` });
  const upgrade = h(
    'button',
    {
      type: 'button',
      class: 'button slim',
      'aria-label': `apt upgrade on ${name}`,
      title: 'Writes reboot-required and its package list into the directory of this node',
      onclick: async () => {
        upgrade.classList.add('busy');
        await act('upgrade', { node: name });
        upgrade.classList.remove('busy');
      },
    },
    h('span', { class: 'button-text' }, 'apt upgrade'),
  );
  const element = h(
    'li',
    { class: 'node', data: { node: name } },
    h('div', { class: 'node-head' }, h('span', { class: 'node-light', 'aria-hidden': 'true' }), h('h3', {}, name), role, upgrade),
    h('p', { class: 'node-facts' }, kernel, boot),
    state,
    pods,
  );
  const tiles = new Map();
  let bootId;
  return {
    element,
    update(node) {
      element.className = `node ${healthOf(node)}`;
      role.textContent = node.controlPlane ? 'control plane' : 'worker';
      kernel.textContent = node.kernel;
      boot.textContent = `boot ${node.bootId.slice(0, 8)}`;
      boot.title = node.bootId;
      if (bootId !== undefined && bootId !== node.bootId) flash(boot);
      bootId = node.bootId;
      reconcileWords(state, wordsOf(node));
      showPods(pods, tiles, node.pods);
    },
  };
}

function healthOf(node) {
  if (node.power === 'rebooting') return 'rebooting';
  if (!node.ready) return 'down';
  if (node.cordoned) return 'cordoned';
  return node.sentinel ? 'asking' : 'healthy';
}

/** The state in words as well as in colour. */
function wordsOf(node) {
  const power = node.power === 'rebooting' ? ['rebooting', 'Rebooting…'] : node.ready ? ['ready', 'Ready'] : ['down', 'Not ready'];
  return [power, ...(node.cordoned ? [['cordoned', 'Cordoned']] : []), ...(node.sentinel ? [['asking', 'Reboot required']] : [])];
}

function reconcileWords(list, words) {
  const key = words.map(([name]) => name).join(' ');
  if (list.dataset.key === key) return;
  list.dataset.key = key;
  list.replaceChildren(...words.map(([name, text]) => h('li', { class: `chip ${name}` }, name === 'rebooting' && icon('power'), text)));
}

const flash = (element) =>
  animate(element, [{ backgroundColor: 'var(--highlight)' }, { backgroundColor: 'transparent' }], { duration: 2500, easing: 'ease-out' });

/** DaemonSet pods stay when a node is drained, so they are sorted last. */
function showPods(list, tiles, pods) {
  const wanted = new Map(pods.map((pod) => [`${pod.namespace}/${pod.name}`, pod]));
  for (const [key, tile] of tiles) if (!wanted.has(key)) leave(tiles, key, tile);
  for (const [key, pod] of wanted) {
    const known = tiles.get(key);
    const tile = known ?? h('li', { class: 'pod' });
    paint(tile, pod, key);
    if (known) continue;
    tiles.set(key, tile);
    list.insertBefore(tile, pod.owner === 'DaemonSet' ? null : list.querySelector('.daemon'));
    animate(tile, [{ opacity: 0, transform: 'scale(0.6)' }, { opacity: 1, transform: 'none' }], { duration: 220, easing: 'ease-out' });
  }
}

function leave(tiles, key, tile) {
  tiles.delete(key);
  const leaving = animate(tile, [{ opacity: 1, transform: 'none' }, { opacity: 0, transform: 'scale(0.6)' }], { duration: 200, easing: 'ease-in' });
  if (leaving === undefined) tile.remove();
  else leaving.onfinish = () => tile.remove();
}

function paint(tile, pod, key) {
  const version = `${pod.state} ${pod.owner ?? ''}`;
  if (tile.dataset.version === version) return;
  tile.dataset.version = version;
  tile.className = `pod ${pod.state} ${pod.owner === 'DaemonSet' ? 'daemon' : ''} ${pod.owner === undefined ? 'bare' : ''}`;
  tile.style.setProperty('--hue', hueOf(pod.namespace));
  tile.title = `${key}, ${pod.state}${pod.owner === undefined ? ', no controller' : `, ${pod.owner}`}`;
  tile.replaceChildren(h('span', {}, shortName(pod)), h('span', { class: 'unseen' }, `, ${pod.state}`));
}

/** The name without the suffix of its controller. */
function shortName({ name, owner }) {
  if (owner === 'Deployment' || owner === 'ReplicaSet') return name.replace(/-[a-z0-9]{4,10}-[a-z0-9]{4,5}$/, '');
  return owner === 'DaemonSet' ? name.replace(/-[a-z0-9]{4,5}$/, '') : name;
}

const hues = { shop: 205, db: 285, 'kube-system': 150, default: 35 };
const hueOf = (namespace) => hues[namespace] ?? [...namespace].reduce((sum, character) => sum * 31 + character.charCodeAt(0), 7) % 360;
