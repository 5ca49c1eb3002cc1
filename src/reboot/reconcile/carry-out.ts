import { PortError } from '../ports/port-error.ts';
import type { BootTarget, Observation, StillOwed } from '../ports/cluster.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { type Effect, effectsOf } from '../machine/effects.ts';
import { isUnderWay, isUntidied } from '../state/ownership.ts';
import type { CordonOwner, Reboot } from '../state/reboot.ts';
import { isIn } from '../state/reboot.ts';
import type { RebootEvent } from '../machine/events.ts';
import { mayGoAnyway } from '../scheduling/gates/packages-changing.ts';
import { recordPhase } from '../show/announce.ts';
import { fieldsOf, poolFor } from './apply.ts';
import { askHook } from './ask-hook.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { labelNode, labelForGood, labelIfPossible } from './label-node.ts';
import { noteWorkloads } from './rollout-progress.ts';
import { silence, unsilence } from './silence-alerts.ts';
import { keepTurn } from './turns.ts';
import { type Left, uncordon } from './uncordon.ts';

/** The boot that this Reboot may end, and that its writes are meant for until then. */
export const targetOf = (reboot: Reboot): BootTarget => ({
  node: reboot.node.name,
  uid: reboot.node.uid,
  bootId: reboot.bootId,
});

/**
 * Carries out what the state owes and returns what came of it. An effect that cannot be had now throws, and
 * is owed still; one that finds the node changed returns nothing, and the next look tells.
 */
export async function carryOut(
  deps: ServiceDeps,
  reboot: Reboot,
  observation: Observation,
): Promise<readonly RebootEvent[]> {
  const events: RebootEvent[] = [];
  let left: Left = {};
  for (const effect of effectsOf(reboot)) {
    if (effect.kind === 'uncordon') {
      const answer = await uncordon(deps, reboot, stillOwed(deps, reboot, effect));
      // What is left to do comes after the boot: its turn is not given to another while it may go down.
      if (answer === 'goes-down') return [...events, { type: 'goes-down' }];
      left = answer;
    } else if (effect.kind === 'tidied') events.push({ type: 'tidied', ...left });
    else {
      const event = await carryOutOne(deps, { reboot, observation }, effect);
      if (event) events.push(event);
    }
  }
  return events;
}

/**
 * Between the reading of a Reboot and a write that follows from it, others may have brought the Reboot to its
 * end, and begun it anew.
 */
const stillOwed =
  (deps: ServiceDeps, { name }: Reboot, { kind }: Effect): StillOwed =>
  async () => {
    const stored = await deps.store.get(name);
    return stored !== undefined && effectsOf(stored).some((effect) => effect.kind === kind);
  };

interface Observed {
  readonly reboot: Reboot;
  readonly observation: Observation;
}

async function carryOutOne(
  deps: ServiceDeps,
  { reboot, observation }: Observed,
  effect: Effect & { readonly kind: Exclude<Effect['kind'], 'uncordon' | 'tidied'> },
): Promise<RebootEvent | undefined> {
  const { node } = observation;
  const still = stillOwed(deps, reboot, effect);
  switch (effect.kind) {
    case 'cordon':
      return cordon(deps, { reboot, observation }, still);
    case 'drain':
      await deps.queue.drain(reboot.name);
      return undefined;
    case 'ask-hook':
      return askHook(deps, reboot, node);
    case 'silence':
      return silence(deps, reboot);
    case 'unsilence':
      await unsilence(deps, reboot);
      return undefined;
    case 'order':
      await order(deps, reboot, still);
      return undefined;
    case 'withdraw-order':
      await deps.cluster.withdrawOrder(reboot.node.name, reboot.bootId);
      return undefined;
    case 'mark':
      await (isUntidied(reboot) && !isUnderWay(reboot) ? labelForGood : labelIfPossible)(deps, reboot, node);
      return undefined;
    case 'release-turn':
      await releaseTurn(deps, reboot, still);
      return undefined;
  }
}

/**
 * The first disturbance of the node, before which is noted what it finds. That the turn was taken is not
 * enough: it must be held now.
 */
async function cordon(
  deps: ServiceDeps,
  { reboot, observation }: Observed,
  still: StillOwed,
): Promise<RebootEvent | undefined> {
  const { node } = observation;
  const workloads = await noteWorkloads(deps, reboot);
  if (!(await hasTurn(deps, reboot))) return undefined;
  const owner = await deps.cluster.cordon(targetOf(reboot), reboot.name, still);
  deps.logger.info('node cordoned', { ...fieldsOf(reboot), owner });
  if (owner !== 'us' && owner !== 'other') return undefined;
  if (!(await markCordoned(deps, { reboot, node, owner }, still))) return undefined;
  return {
    type: 'cordoned',
    owner,
    ...(workloads === undefined ? {} : { workloads }),
    ...notedDaemons(reboot, observation),
  };
}

/** A Reboot stays a small object: what is broken on a node beyond this is asked for after the boot. */
const mostDaemons = 100;

/**
 * A retry goes on from what was there before the first try. All pods of a node that is not Ready are not
 * ready, which says nothing of their DaemonSets.
 */
function notedDaemons(
  reboot: Reboot,
  { node, daemonPodsNotReady }: Observation,
): { readonly daemonsBefore?: readonly string[] } {
  if (reboot.daemonsBefore !== undefined) return {};
  const found = node?.ready === true ? daemonPodsNotReady.map(({ daemonSet }) => daemonSet) : [];
  return { daemonsBefore: [...new Set(found)].sort().slice(0, mostDaemons) };
}

/**
 * What goes on with the cordon is there before anybody writes down that the node is cordoned, and so before
 * the first pod leaves.
 */
async function markCordoned(
  deps: ServiceDeps,
  {
    reboot,
    node,
    owner,
  }: { readonly reboot: Reboot; readonly node: NodeView | undefined; readonly owner: CordonOwner },
  still: StillOwed,
): Promise<boolean> {
  if (!isIn(reboot, 'Draining')) return true;
  const cordoned = { ...reboot, state: { ...reboot.state, cordon: owner } };
  return labelNode(deps, cordoned, node && { ...node, unschedulable: true }, still);
}

const evenWhilePackagesChange = (deps: ServiceDeps, reboot: Reboot): boolean => {
  const work = deps.cluster.agent(reboot.node.name)?.report?.packageWork;
  const decision = 'decision' in reboot.state ? reboot.state.decision : undefined;
  return mayGoAnyway(work, { decision, pool: poolFor(deps, reboot), now: deps.clock.now() });
};

async function order(deps: ServiceDeps, reboot: Reboot, still: StillOwed): Promise<void> {
  let written = false;
  const answer = await deps.cluster.order(
    targetOf(reboot),
    async () => {
      written = await still();
      return written;
    },
    evenWhilePackagesChange(deps, reboot),
  );
  if (answer !== 'ordered') deps.logger.warn('order not given', { ...fieldsOf(reboot), answer });
  else if (written) await recordPhase(deps, reboot);
  // The withdrawal of an order that is not there yet leaves no trace that the late order could fail on.
  if (!written || (await still())) return;
  await deps.cluster.withdrawOrder(reboot.node.name, reboot.bootId);
  deps.logger.warn('order withdrawn that came too late', fieldsOf(reboot));
}

async function hasTurn(deps: ServiceDeps, reboot: Reboot): Promise<boolean> {
  try {
    if (await keepTurn(deps, reboot)) return true;
    deps.logger.warn('node not cordoned: its turn was lost, and another is not free', fieldsOf(reboot));
  } catch (error) {
    tellLedger(deps, reboot, error);
  }
  return false;
}

/**
 * Where the ledger cannot be read, the end is told all the same: recovery takes the turn out when it is
 * mended.
 */
async function releaseTurn(deps: ServiceDeps, reboot: Reboot, still: StillOwed): Promise<void> {
  try {
    await deps.ledger.release(reboot.name, still);
  } catch (error) {
    tellLedger(deps, reboot, error);
  }
}

function tellLedger(deps: ServiceDeps, reboot: Reboot, error: unknown): void {
  if (!(error instanceof PortError) || error.code !== 'ledger-unreadable') throw error;
  deps.logger.error('ledger of turns cannot be read', { ...fieldsOf(reboot), err: error });
}
