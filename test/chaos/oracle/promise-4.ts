/** We undo only what we did. */
import { type Json, list, type Obj, obj, text } from './json.ts';
import { isBot, isCordoned, markOf, type Seen, type Write } from './seen.ts';
import type { Found } from './invariant.ts';

export function promise4(seen: Seen, { resource, actor, type, key, object, previous }: Write): Found {
  if (resource !== 'nodes' || !isBot(actor) || type !== 'MODIFIED' || previous === undefined)
    return undefined;
  const [was, is] = [isCordoned(previous), isCordoned(object)];
  if (was && !is && markOf(previous) === '')
    return ['4.foreign-cordon', `the cordon of others is taken off ${key}`];
  if (was && is && markOf(previous) === '' && markOf(object) !== '')
    return ['4.foreign-cordon', `the cordon of others on ${key} is claimed`];
  const key1 = foreign(seen, previous, object);
  return key1 === undefined ? undefined : ['4.foreign-keys', `${key1} of ${key} is changed`];
}

const ownConditions = new Set(['RebootRequired', 'DrainInProgress', 'Drained']);
const isOwnKey = (key: string): boolean =>
  key.startsWith('tugboot.dev/') || key === 'node.kubernetes.io/exclude-from-external-load-balancers';

function foreign({ rules }: Seen, before: Obj, after: Obj): string | undefined {
  const hooked = new Set(
    rules.pools.flatMap((pool) =>
      ['before', 'after'].flatMap((when) => Object.keys(obj(pool['hooks'], 'labels', when))),
    ),
  );
  const isFree = (key: string): boolean => isOwnKey(key) || hooked.has(key);
  return (
    changed(obj(before, 'metadata', 'labels'), obj(after, 'metadata', 'labels'), isFree) ??
    changed(obj(before, 'metadata', 'annotations'), obj(after, 'metadata', 'annotations'), isFree) ??
    changed(
      byKey(list(before, 'spec', 'taints'), 'key'),
      byKey(list(after, 'spec', 'taints'), 'key'),
      isOwnTaint,
    ) ??
    changed(
      byKey(list(before, 'status', 'conditions'), 'type'),
      byKey(list(after, 'status', 'conditions'), 'type'),
      (key) => ownConditions.has(key),
    ) ??
    changed(obj(before, 'status', 'nodeInfo'), obj(after, 'status', 'nodeInfo'), () => false)
  );
}

const isOwnTaint = (key: string): boolean => isOwnKey(key) || key === 'node.kubernetes.io/unschedulable';

const byKey = (items: readonly Json[], key: string): Obj =>
  Object.fromEntries(items.map((item) => [text(item, key), item]));

function changed(before: Obj, after: Obj, isFree: (key: string) => boolean): string | undefined {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].find((key) => !isFree(key) && JSON.stringify(before[key]) !== JSON.stringify(after[key]));
}
