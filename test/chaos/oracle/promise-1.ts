/** Bounded disruption. */
import { at, list, obj, text } from './json.ts';
import {
  bootOf,
  isBot,
  isControlPlane,
  isCordoned,
  markOf,
  phaseOf,
  type Seen,
  type Turn,
  type Write,
} from './seen.ts';
import type { Found } from './invariant.ts';

/** Nodes that are cordoned by Tugboot; not those of which people were told that they stay so. */
export function cordonedByUs(seen: Seen): readonly string[] {
  return [...seen.nodes].flatMap(([name, node]) => (isCordoned(node) && isOurs(seen, name) ? [name] : []));
}

function isOurs(seen: Seen, name: string): boolean {
  const node = seen.nodes.get(name);
  const owner = markOf(node);
  if (owner === '') return false;
  const reboot = seen.reboots.get(owner);
  const phase = phaseOf(reboot);
  if (phase === 'GivenUp') return at(reboot, 'status', 'leaveCordoned') !== true;
  // It booted once more between its proof and its uncordon.
  if (phase === 'Succeeded') return text(reboot, 'status', 'newBootId') === bootOf(node);
  return !list(reboot, 'status', 'history').some((one) => text(one, 'what') === 'skipped');
}

const limits = (
  seen: Seen,
): readonly { readonly of: string; readonly most: number; readonly has: (turn: Turn) => boolean }[] => [
  { of: 'the cluster', most: Number(seen.rules.concurrency ?? 1), has: () => true },
  { of: 'the control plane', most: 1, has: ({ node }) => isControlPlane(seen.nodes.get(node)) },
  ...seen.rules.pools.map((pool) => ({
    of: `pool ${pool.name}`,
    most: pool.concurrency,
    has: (turn: Turn) => turn.pool === pool.name,
  })),
];

export function promise1(seen: Seen, write: Write): Found {
  if (write.resource === 'configmaps' && write.key.endsWith('/tugboot-turns'))
    return tooManyTurns(seen) ?? withoutTurn(seen) ?? withoutRoom(seen, write);
  if (write.resource === 'nodes') return withoutTurn(seen) ?? tooManyOut(seen);
  if (write.resource === 'pods' && isBot(write.actor)) return evicted(seen, write);
  return undefined;
}

function tooManyTurns(seen: Seen): Found {
  for (const { of, most, has } of limits(seen)) {
    const held = seen.turns.filter(has);
    if (held.length > most && held.length > seen.turnsBefore.filter(has).length)
      return ['1.turns', `${held.map(({ node }) => node).join(', ')} have turns of ${of}, which has ${most}`];
  }
  return undefined;
}

function tooManyOut(seen: Seen): Found {
  const out = cordonedByUs(seen);
  const most = Number(seen.rules.concurrency ?? 1);
  if (out.length > most) return ['1.concurrency', `${out.join(', ')} are out through us, of ${most}`];
  for (const pool of seen.rules.pools) {
    const ofPool = out.filter((node) => seen.poolOf(node) === pool);
    if (ofPool.length > pool.concurrency)
      return ['1.concurrency', `${ofPool.join(', ')} of pool ${pool.name} are out, of ${pool.concurrency}`];
  }
  return undefined;
}

function withoutTurn(seen: Seen): Found {
  const bare = cordonedByUs(seen).find((node) => !seen.turns.some((turn) => turn.node === node));
  return bare === undefined ? undefined : ['1.cordon-has-turn', `${bare} is cordoned by us and has no turn`];
}

/** A turn was taken although the nodes that its bot could see to be out left no room. */
function withoutRoom(seen: Seen, { actor }: Write): Found {
  if (!isBot(actor)) return undefined;
  const had = new Set(seen.turnsBefore.map(({ reboot }) => reboot));
  for (const { reboot, node } of seen.turns) {
    const phase = phaseOf(seen.reboots.get(reboot));
    // A turn that was lost while its node is out is written again.
    if (had.has(reboot) || !['Approved', 'Draining', 'Failed'].includes(phase)) continue;
    if (markOf(seen.nodes.get(node)) !== '') continue;
    const pool = seen.poolOf(node);
    if (pool === undefined) continue;
    const readAt = seen.readAt(actor, '/api/v1/nodes');
    const others = [...seen.nodes.keys()].filter((name) => name !== node && seen.poolOf(name) === pool);
    const out = others.filter(
      (name) =>
        (seen.outSince.get(name) ?? Number.POSITIVE_INFINITY) < readAt ||
        seen.turnsBefore.some((turn) => turn.node === name),
    );
    if (out.length >= pool.maxUnavailable)
      return ['1.room', `${node} has got a turn although ${out.join(', ')} of pool ${pool.name} are out`];
  }
  return undefined;
}

/** Pods leave a node only while it is out by a turn. */
function evicted(seen: Seen, { object, previous, type }: Write): Found {
  const isLeaving = type === 'DELETED' || text(object, 'metadata', 'deletionTimestamp') !== '';
  if (!isLeaving || text(previous, 'metadata', 'deletionTimestamp') !== '') return undefined;
  const node = text(object, 'spec', 'nodeName');
  if (node === '' || isCordoned(seen.nodes.get(node))) return undefined;
  return [
    '1.evicts-when-cordoned',
    `${text(object, 'metadata', 'name')} was evicted from ${node}, which is not cordoned`,
  ];
}

/** A pod is deleted, past its budgets, only where a person forced it. */
export function forced(seen: Seen, path: string): Found {
  const key = /\/namespaces\/([^/]+)\/pods\/([^/?]+)(\?|$)/.exec(path);
  const pod = key === null ? undefined : seen.pods.get(`${key[1]}/${key[2]}`);
  const node = text(pod, 'spec', 'nodeName');
  const isForced = [...seen.reboots.values()].some(
    (reboot) =>
      text(reboot, 'spec', 'node') === node && Object.keys(obj(reboot, 'status', 'force')).length > 0,
  );
  return pod === undefined || isForced ? undefined : ['1.force', `${path} was deleted, and nobody forced it`];
}
