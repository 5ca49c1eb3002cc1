/** A Reboot that was deleted while no bot was there: what it left on its node tells of it. */
import { needOf, rebootName } from '../state/packages.ts';
import { poolOf } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Reboot } from '../state/reboot.ts';
import { reportOf } from '../signals/signals.ts';
import { day, toTimestamp } from '../ports/time.ts';
import { remember } from '../machine/events.ts';
import { remover } from '../words/words.ts';
import { announce } from '../show/announce.ts';
import { fieldsOf } from '../reconcile/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { newReboot, readNow } from './new-reboot.ts';

/**
 * How far back the channel is looked through for the card of a Reboot that was deleted while no bot was
 * there.
 */
const cardsSince = 14 * day;

/**
 * The node bears our cordon, or an order, for its present boot, and there is no Reboot for it: that was
 * deleted while no bot was there. Written anew, it is put back like any other, and neither asked about nor
 * approved by a rule. False where that cannot be said.
 */
export async function wasDeleted(deps: ServiceDeps, node: NodeView): Promise<boolean> {
  const name = rebootName(node, node.bootId, deps.digest);
  const agent = deps.cluster.agent(node.name);
  const pool = poolOf(deps.policy(), node);
  const report = reportOf(node, agent);
  const isMarked = node.cordonedBy === name || (agent?.endBoot === node.bootId && node.bootId !== '');
  if (!isMarked || !pool || !report || deps.unwritten.has(name) || deps.deletions.has(name)) return false;
  const isKnown = [...deps.store.all(), ...deps.store.unreadable()].some((each) => each.name === name);
  if (isKnown || (await deps.store.get(name))) return false;
  const now = deps.clock.now();
  const at = toTimestamp(now);
  const need = needOf(report, deps.digest, now, readNow(deps, node, agent, pool));
  const fresh = newReboot(deps, { node, report, pool, need });
  const state = { phase: 'Cancelled', since: at, by: remover, from: 'Draining', tidied: false } as const;
  const posting = { channel: pool.channel, at: toTimestamp(now - cardsSince) };
  const history = remember({ history: [] }, { what: 'deleted' }, now);
  const reboot = { ...fresh, state, history, chat: { ...fresh.chat, posting } };
  const created = await written(deps, reboot);
  if (created === undefined) return false;
  deps.logger.warn('reboot was deleted while nobody looked, and is written anew', fieldsOf(created));
  await deps.queue.reconcile(name);
  await announce(deps, created);
  return true;
}

/**
 * Without a record the node is put back all the same: recovery does not wait for a definition that is gone.
 */
async function written(
  deps: ServiceDeps,
  reboot: Parameters<ServiceDeps['store']['create']>[0],
): Promise<Reboot | undefined> {
  try {
    const created = await deps.store.create(reboot);
    return created === 'exists' ? undefined : created;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.warn('reboot cannot be written anew', { reboot: reboot.name, err: error });
    return undefined;
  }
}
