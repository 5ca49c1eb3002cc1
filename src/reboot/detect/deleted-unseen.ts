/** Detects a Reboot that was deleted while no replica was running, by its traces on the node. */
import { rebootName } from '../nodes/reboot-name.ts';
import { needOf } from '../signals/packages.ts';
import { poolOf } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import type { AgentView } from '../nodes/observation.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import { reportOf } from '../signals/signals.ts';
import { day, toTimestamp } from '../time/time.ts';
import { remember } from '../machine/events/events.ts';
import { remover } from '../words/words.ts';
import { announce } from '../show/announce.ts';
import { fieldsOf } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { newReboot, currentReadings } from './new-reboot.ts';

/** How far back the channel is searched for the card of such a Reboot, in milliseconds. */
const cardSearchRange = 14 * day;

/**
 * Re-creates such a Reboot, when the node has our cordon or an order for its current boot, but no Reboot. It
 * is created as cancelled: it is cleaned up, not posted as a new question, and no rule approves it. When it
 * cannot be created now, a later resync does it: after the clean-up nothing on the node shows it. False
 * when nothing says that a Reboot was deleted.
 */
export async function recreateIfDeleted(deps: ServiceDeps, node: NodeView): Promise<boolean> {
  const agent = deps.cluster.agent(node.name);
  const name = markedFor(deps, node, agent);
  if (name === undefined) return false;
  const pool = poolOf(deps.policy(), node);
  const report = reportOf(node, agent);
  if (!pool || !report || deps.unwritten.has(name) || deps.deletions.has(name)) return false;
  const isKnown =
    deps.store.cached(name) !== undefined || deps.store.unreadable().some((each) => each.name === name);
  if (isKnown || (await deps.store.get(name))) return false;
  const now = deps.clock.now();
  const at = toTimestamp(now);
  const need = needOf(report, deps.hash, now, currentReadings(deps, node, agent, pool));
  const fresh = newReboot(deps, { node, report, pool, need });
  const state = { phase: 'Cancelled', since: at, by: remover, from: 'Draining' } as const;
  const posting = { channel: pool.channel, at: toTimestamp(now - cardSearchRange) };
  const history = remember({ history: [] }, { what: 'deleted' }, now);
  const reboot = { ...fresh, state, cleanup: { since: at }, history, chat: { ...fresh.chat, posting } };
  const created = await tryCreate(deps, reboot);
  if (created === 'exists') return false;
  if (created === 'failed') {
    deps.unwritten.set(name, { ...reboot, version: '', createdAt: at });
    return true;
  }
  deps.logger.warn('reboot was deleted while nobody looked, and is written anew', fieldsOf(created));
  await deps.queue.reconcile(name, deps.clock.now(), 'uncordon');
  await announce(deps, created);
  return true;
}

/** The name of the Reboot of the current boot, where the node has our cordon or an order for it. */
function markedFor(deps: ServiceDeps, node: NodeView, agent: AgentView | undefined): string | undefined {
  const isOrdered = agent?.endBoot === node.bootId && node.bootId !== '';
  // Each resync asks this of all nodes, and a name costs a hash.
  if (node.cordonedBy === undefined && !isOrdered) return undefined;
  const name = rebootName(node, node.bootId, deps.hash);
  return isOrdered || node.cordonedBy === name ? name : undefined;
}

/**
 * `failed` when it cannot be created. Garbage collection then cleans up the node without a record, for
 * example while the CRD is gone.
 */
async function tryCreate(
  deps: ServiceDeps,
  reboot: Parameters<ServiceDeps['store']['create']>[0],
): Promise<Reboot | 'exists' | 'failed'> {
  try {
    return await deps.store.create(reboot);
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.warn('reboot cannot be written anew', { reboot: reboot.name, err: error });
    return 'failed';
  }
}
