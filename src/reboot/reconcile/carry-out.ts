import { PortError } from '../ports/port-error.ts';
import type { BootTarget, Observation } from '../nodes/observation.ts';
import type { StillOwed } from '../ports/cluster.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { type Effect, effectsOf } from '../machine/effects.ts';
import { owesCleanUp } from '../state/clean-up.ts';
import { isUnderWay } from '../ownership/ownership.ts';
import { type CordonOwner, type Reboot, isIn } from '../state/reboot.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { mayGoAnyway } from '../scheduling/gates/packages-changing.ts';
import { recordPhase } from '../show/announce.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import { askHook } from './ask-hook.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import type { Observed } from './reobserve.ts';
import { labelNode, labelOrThrow, tryLabelNode } from './label-node.ts';
import { recordWorkloads } from '../start/rollout-progress.ts';
import { silence, unsilence } from './silence-alerts.ts';
import { keepTurn } from '../start/turns.ts';
import { type UncordonOutcome, uncordon } from './uncordon.ts';

/** The boot that this Reboot may end: the precondition of its writes until then. */
export const bootTargetOf = (reboot: Reboot): BootTarget => ({
  node: reboot.node.name,
  uid: reboot.node.uid,
  bootId: reboot.bootId,
});

/**
 * Runs the pending effects of the state and returns the resulting events. An effect that fails throws and
 * stays pending; one that finds the node changed returns no event, and the next observation shows the change.
 */
export async function carryOut(
  deps: ServiceDeps,
  reboot: Reboot,
  seen: Observed,
): Promise<readonly RebootEvent[]> {
  const { observation } = seen;
  const events: RebootEvent[] = [];
  let left: UncordonOutcome = {};
  for (const effect of effectsOf(reboot)) {
    if (effect.kind === 'uncordon') {
      // The order of a boot that has ended is void. Another may be obeyed until it is withdrawn, which only a
      // later read shows.
      const justRead = seen.fresh && isIn(reboot, 'Succeeded') ? observation : undefined;
      const answer = await uncordon(deps, reboot, { still: stillOwed(deps, reboot, effect), justRead });
      // The remaining effects wait for the boot: the turn must not go to another node while this one may go
      // down.
      if (answer === 'goes-down') return [...events, { type: 'goes-down' }];
      left = answer;
    } else if (effect.kind === 'cleaned-up') events.push({ type: 'cleaned-up', ...left });
    else {
      const event = await carryOutOne(deps, { reboot, observation }, effect);
      if (event) events.push(event);
    }
  }
  return events;
}

/**
 * Whether the effect is still pending. Between the read of a Reboot and a write that follows from it, another
 * replica may have ended the Reboot, and restarted it.
 */
const stillOwed =
  (deps: ServiceDeps, { name }: Reboot, { kind }: Effect): StillOwed =>
  async () => {
    const stored = await deps.store.get(name);
    return stored !== undefined && effectsOf(stored).some((effect) => effect.kind === kind);
  };

interface About {
  readonly reboot: Reboot;
  readonly observation: Observation;
}

async function carryOutOne(
  deps: ServiceDeps,
  { reboot, observation }: About,
  effect: Effect & { readonly kind: Exclude<Effect['kind'], 'uncordon' | 'cleaned-up'> },
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
      await (owesCleanUp(reboot) && !isUnderWay(reboot) ? labelOrThrow : tryLabelNode)(deps, reboot, node);
      return undefined;
    case 'release-turn':
      // A Reboot that has succeeded is never started again.
      await releaseTurn(deps, reboot, isIn(reboot, 'Succeeded') ? undefined : still);
      return undefined;
  }
}

/**
 * The cordon is the first disturbance of the node, so the state of its workloads is recorded before it. The
 * turn must be held now: that it was taken earlier is not enough.
 */
async function cordon(
  deps: ServiceDeps,
  { reboot, observation }: About,
  still: StillOwed,
): Promise<RebootEvent | undefined> {
  const { node } = observation;
  const workloads = await recordWorkloads(deps, reboot);
  if (!(await hasTurn(deps, reboot))) return undefined;
  const owner = await deps.cluster.cordon(bootTargetOf(reboot), reboot.name, still);
  deps.logger.info('node cordoned', { ...fieldsOf(reboot), owner });
  if (owner !== 'us' && owner !== 'other') return undefined;
  if (!(await markCordoned(deps, { reboot, node, owner }, still))) return undefined;
  return {
    type: 'cordoned',
    owner,
    ...(workloads === undefined ? {} : { workloads }),
    ...recordDaemons(reboot, observation),
  };
}

/**
 * A limit on the stored size of a Reboot: DaemonSets beyond it have to be ready after the boot, even if they
 * were not before.
 */
const mostDaemons = 100;

/**
 * A retry keeps the record of the first attempt. On a node that is not Ready no pod is ready, which says
 * nothing about its DaemonSets.
 */
function recordDaemons(
  reboot: Reboot,
  { node, daemonPodsNotReady }: Observation,
): { readonly daemonsBefore?: readonly string[] } {
  if (reboot.daemonsBefore !== undefined) return {};
  const found = node?.ready === true ? daemonPodsNotReady.map(({ daemonSet }) => daemonSet) : [];
  return { daemonsBefore: [...new Set(found)].sort().slice(0, mostDaemons) };
}

/** The managed labels are written before the cordon is recorded, and so before the first eviction. */
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
    bootTargetOf(reboot),
    async () => {
      written = await still();
      return written;
    },
    evenWhilePackagesChange(deps, reboot),
  );
  if (answer !== 'ordered') deps.logger.warn('order not given', { ...fieldsOf(reboot), answer });
  else if (written) {
    deps.logger.info('node told to reboot', { ...fieldsOf(reboot), end_boot: reboot.bootId });
    await recordPhase(deps, reboot);
  }
  // A withdrawal without an order changes nothing, so it cannot make a late order fail. Hence the second
  // check.
  if (!written || (await still())) return;
  await deps.cluster.withdrawOrder(reboot.node.name, reboot.bootId);
  deps.logger.warn('order withdrawn that came too late', fieldsOf(reboot));
}

async function hasTurn(deps: ServiceDeps, reboot: Reboot): Promise<boolean> {
  try {
    if (await keepTurn(deps, reboot)) return true;
    deps.logger.warn('node not cordoned: its turn was lost, and another is not free', fieldsOf(reboot));
  } catch (error) {
    logLedgerError(deps, reboot, error);
  }
  return false;
}

/**
 * Where the ledger cannot be read, the Reboot still ends: garbage collection releases the turn once the
 * ledger is repaired.
 */
async function releaseTurn(deps: ServiceDeps, reboot: Reboot, still: StillOwed | undefined): Promise<void> {
  try {
    await deps.ledger.release(reboot.name, still);
  } catch (error) {
    logLedgerError(deps, reboot, error);
  }
}

function logLedgerError(deps: ServiceDeps, reboot: Reboot, error: unknown): void {
  if (!(error instanceof PortError) || error.code !== 'ledger-unreadable') throw error;
  deps.logger.error('ledger of turns cannot be read', { ...fieldsOf(reboot), err: error });
}
