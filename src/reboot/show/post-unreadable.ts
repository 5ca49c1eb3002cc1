import { day, toTimestamp } from '../time/time.ts';
import { type Unreadable, unreadableSentence } from '../words/unreadable.ts';
import { poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** How far back the channel is searched for an earlier notice, in milliseconds. */
const noticeSearchRange = 14 * day;

/**
 * Posts a notice about a record that cannot be read, once to the channel, and records an Event on its node.
 * Not where its node has another boot by now and is not cordoned by it: nothing waits for the record then,
 * and `/reboot status` shows it.
 */
export async function postUnreadable(deps: ServiceDeps, record: Unreadable): Promise<void> {
  const { name, problem, node, bootId, pool } = record;
  const key = deps.hash(`${name} ${problem}`).slice(0, 16);
  if (deps.told.has(key)) return;
  const isWaitedFor = deps.cluster
    .nodes()
    .some((each) => each.cordonedBy === name || (each.uid === node.uid && each.bootId === bootId));
  if (!isWaitedFor) return;
  const now = deps.clock.now();
  const sentence = unreadableSentence(record);
  const { channel } = poolFor(deps, { pool });
  const { cluster } = deps.policy();
  await deps.chat.report({
    key,
    cluster,
    channel,
    pool,
    node: node.name,
    sentence,
    since: now - noticeSearchRange,
  });
  await deps.cluster.record({
    node: node.name,
    nodeUid: node.uid,
    key: `${name}.unreadable.${key}`,
    type: 'Warning',
    reason: 'RebootUnreadable',
    note: sentence,
    at: toTimestamp(now),
  });
  deps.told.add(key);
}
