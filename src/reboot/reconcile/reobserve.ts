/** What a step is decided on: the watches where they suffice, and else a fresh read. */
import { needOf } from '../state/packages.ts';
import { poolOf } from '../policy/pools.ts';
import type { Observation } from '../ports/cluster.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { readSignals, reportOf, verdictOf } from '../signals/signals.ts';
import { second } from '../ports/time.ts';
import type { RebootEvent } from '../machine/events.ts';
import { transition } from '../machine/transition.ts';
import { poolFor } from './apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Older than this, the watch may have missed something. */
const watchGoodFor = 30 * second;

/**
 * DaemonSet pods are not watched. A burst of wake-ups does not list them each time; the end of the settle
 * time always does.
 */
const proofGoodFor = 5 * second;

const isBeforeCordon = (reboot: Reboot): boolean =>
  isIn(reboot, 'Draining') && reboot.state.cordon === undefined;

/** Before the cordon, to note what is broken already, and for the proof. */
const asksForDaemons = (reboot: Reboot): boolean => isIn(reboot, 'Settling') || isBeforeCordon(reboot);

/** A change of phase is always decided on a fresh read, and so is everything that DaemonSet pods decide. */
export async function observeIfDue(deps: ServiceDeps, reboot: Reboot): Promise<Observation> {
  const watched = watchedObservation(deps, reboot);
  if (watched !== undefined && suffices(deps, reboot, watched)) return watched;
  const now = deps.clock.now();
  const fresh = await deps.cluster.observe(reboot.node.name, { daemonPods: asksForDaemons(reboot) });
  if (isIn(reboot, 'Settling')) deps.proofsRead.set(reboot.name, now);
  else deps.proofsRead.delete(reboot.name);
  return fresh;
}

function watchedObservation(deps: ServiceDeps, { node: { name }, pool }: Reboot): Observation | undefined {
  const node = deps.cluster.nodes().find((each) => each.name === name);
  const agent = deps.cluster.agent(name);
  // It follows its node into another pool: that is read afresh, too.
  if (node && poolOf(deps.policy(), node)?.name !== pool) return undefined;
  if (!node || !agent || deps.clock.now() - deps.cluster.heardAt() > watchGoodFor) return undefined;
  return { node, agent, daemonPodsNotReady: [] };
}

function suffices(deps: ServiceDeps, reboot: Reboot, watched: Observation): boolean {
  if (isBeforeCordon(reboot)) return false;
  // The watch has not shown the boot that its proof is about.
  if (isIn(reboot, 'Settling') && watched.node?.bootId === reboot.bootId) return false;
  if (isIn(reboot, 'Settling') && reboot.state.healthySince !== undefined && !isProofFresh(deps, reboot))
    return false;
  const context = { pool: poolFor(deps, reboot), now: deps.clock.now() };
  const step = transition(reboot, observedEvent(deps, reboot, watched), context);
  return step.ok && (step.reboot === reboot || onlyNotes(reboot, step.reboot, watched));
}

const isProofFresh = ({ clock, proofsRead }: ServiceDeps, { name }: Reboot): boolean =>
  clock.now() - (proofsRead.get(name) ?? Number.NEGATIVE_INFINITY) < proofGoodFor;

/** Told to people while the node is down and until its agent reports; nothing is decided on it. */
function onlyNotes(before: Reboot, after: Reboot, watched: Observation): boolean {
  if (isIn(before, 'Rebooting')) return isIn(after, 'Rebooting');
  return isIn(before, 'Settling') && before.state.healthySince === undefined && staysSilent(after, watched);
}

/** DaemonSet pods matter only once it speaks: before that, they are not listed. */
const staysSilent = (after: Reboot, { node, agent }: Observation): after is In<'Settling'> =>
  isIn(after, 'Settling') &&
  (node?.ready === false || reportOf({ bootId: after.state.newBootId }, agent) === undefined);

export function observedEvent(deps: ServiceDeps, reboot: Reboot, observation: Observation): RebootEvent {
  const { node, agent } = observation;
  const now = deps.clock.now();
  const report = node?.bootId === reboot.bootId ? reportOf(node, agent) : undefined;
  if (node === undefined || report === undefined) return { type: 'observed', observation };
  const pool = poolFor(deps, reboot);
  const readings = readSignals(pool.signals, { node, report, now });
  // What a person asks for is as much bound to the packages that they saw.
  const asks = verdictOf(readings) === 'yes' || reboot.need.person !== undefined;
  if (!asks || pool.gone) return { type: 'observed', observation };
  return { type: 'observed', observation, need: needOf(report, deps.digest, now, readings) };
}
