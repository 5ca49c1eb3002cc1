/** The observation for a reconcile step: from the watches where they suffice, else by a fresh read. */
import { poolOf } from '../policy/pools.ts';
import type { Observation } from '../nodes/observation.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { reportOf } from '../signals/signals.ts';
import { second } from '../time/time.ts';
import { transition } from '../machine/transition.ts';
import { poolFor } from '../loop/apply.ts';
import { isBeforeCordon, observedEvent, takeProof, type Observed } from '../loop/observed.ts';
import type { ServiceDeps } from '../loop/deps.ts';

/** Milliseconds. A watch that has been silent for longer may have missed a change. */
const watchMaxAge = 30 * second;

/**
 * Milliseconds, less than the interval of the resync. DaemonSet pods are not watched, and wake-ups must not
 * list them each time. The end of the settle time always lists them.
 */
const proofMaxAge = 25 * second;

/**
 * Observes the node. A change of phase, and everything before the cordon, is always decided on a fresh read,
 * and what depends on DaemonSet pods on a fresh list of them.
 */
export async function observeIfDue(deps: ServiceDeps, reboot: Reboot): Promise<Observed> {
  const proof = takeProof(deps, reboot);
  if (proof !== undefined) return { observation: proof, fresh: true };
  const watched = watchedObservation(deps, reboot);
  if (watched !== undefined && isWatchSufficient(deps, reboot, watched))
    return { observation: watched, fresh: false };
  const now = deps.clock.now();
  const listed = watched && (await withDaemonPods(deps, reboot, watched));
  const observation =
    listed ?? (await deps.cluster.observe(reboot.node.name, { daemonPods: isIn(reboot, 'Settling') }));
  if (isIn(reboot, 'Settling')) deps.proofsRead.set(reboot.name, now);
  else deps.proofsRead.delete(reboot.name);
  return { observation, fresh: listed === undefined };
}

function watchedObservation(deps: ServiceDeps, { node: { name }, pool }: Reboot): Observation | undefined {
  const node = deps.cluster.cachedNode(name);
  const agent = deps.cluster.agent(name);
  // The Reboot is about to follow its node into another pool, which is decided on a fresh read.
  if (node && poolOf(deps.policy(), node)?.name !== pool) return undefined;
  if (!node || !agent || deps.clock.now() - deps.cluster.heardAt() > watchMaxAge) return undefined;
  return { node, agent, daemonPodsNotReady: [] };
}

function isWatchSufficient(deps: ServiceDeps, reboot: Reboot, watched: Observation): boolean {
  if (isBeforeCordon(reboot)) return false;
  // The watch does not show the new boot yet, which is what the proof is about.
  if (isIn(reboot, 'Settling') && watched.node?.bootId === reboot.bootId) return false;
  if (isIn(reboot, 'Settling') && reboot.state.healthySince !== undefined && !isProofFresh(deps, reboot))
    return false;
  if (showsNextBoot(reboot, watched)) return true;
  const after = afterObserving(deps, reboot, watched);
  return after !== undefined && (after === reboot || onlyNotes(reboot, after, watched));
}

/**
 * The watch may lag, and then show a boot before the one that was ended. Not where it shows the cordon of
 * this Reboot, which the API server has written at the boot to end and at no other.
 */
const showsNextBoot = (reboot: Reboot, { node }: Observation): boolean =>
  isIn(reboot, 'Rebooting') &&
  node !== undefined &&
  node.uid === reboot.node.uid &&
  node.cordonedBy === reboot.name &&
  node.bootId !== reboot.bootId &&
  node.bootId !== '';

/**
 * The watches and a fresh list of the pods, while the node proves itself. They begin the settle time, or
 * interrupt it: a change that a watch delivers late interrupts it late, and its end is always decided on a
 * fresh read. Undefined where the step would change the phase.
 */
async function withDaemonPods(
  deps: ServiceDeps,
  reboot: Reboot,
  watched: Observation,
): Promise<Observation | undefined> {
  if (!isIn(reboot, 'Settling') || watched.node?.bootId !== reboot.state.newBootId) return undefined;
  const samePhase = (observation: Observation): boolean =>
    afterObserving(deps, reboot, observation)?.state.phase === 'Settling';
  if (!samePhase(watched)) return undefined;
  const daemonPodsNotReady = await deps.cluster.daemonPods(reboot.node.name);
  const observation = { ...watched, daemonPodsNotReady };
  return samePhase(observation) ? observation : undefined;
}

function afterObserving(deps: ServiceDeps, reboot: Reboot, observation: Observation): Reboot | undefined {
  const context = { pool: poolFor(deps, reboot), now: deps.clock.now() };
  const step = transition(reboot, observedEvent(deps, reboot, observation), context);
  return step.ok ? step.reboot : undefined;
}

const isProofFresh = ({ clock, proofsRead }: ServiceDeps, { name }: Reboot): boolean =>
  clock.now() - (proofsRead.get(name) ?? Number.NEGATIVE_INFINITY) < proofMaxAge;

/** Whether the step only updates notes for people, while the node is down and until its agent reports. */
function onlyNotes(before: Reboot, after: Reboot, watched: Observation): boolean {
  if (isIn(before, 'Rebooting')) return isIn(after, 'Rebooting');
  return isIn(before, 'Settling') && before.state.healthySince === undefined && hasNoReport(after, watched);
}

/** While there is no report of the new boot, the DaemonSet pods do not matter and are not listed. */
const hasNoReport = (after: Reboot, { node, agent }: Observation): after is In<'Settling'> =>
  isIn(after, 'Settling') &&
  (node?.ready === false || reportOf({ bootId: after.state.newBootId }, agent) === undefined);
