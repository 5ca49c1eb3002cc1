import type { RebootEvent } from '../machine/events/events.ts';
import { type CordonOwner, isIn, type Reboot } from '../state/reboot.ts';
import { fieldsOf } from '../loop/apply.ts';
import { labelNode } from './label-node.ts';
import { recordWorkloads } from '../start/rollout-progress.ts';
import { keepTurn } from '../start/turns.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { bootTargetOf } from './boot-target.ts';
import { type Effect, type EffectContext, telling } from './effect.ts';
import { unlessLedgerUnreadable } from './ledger-unreadable.ts';

export const cordon: Effect<'cordon'> = {
  name: 'cordon',
  owed: ({ state }) => state.phase === 'Draining' && state.cordon === undefined,
  carryOut: async (context) => telling(await cordonNode(context)),
  does: 'Cordons the node with its name on the cordon, and writes the labels of the drain.',
  repeated: 'A node that it has cordoned already stays so. The turn is checked in the ledger each time.',
  crash: 'A node that is cordoned and not recorded is cordoned again, by the same name.',
};

/**
 * The cordon is the first disturbance of the node, so the state of its workloads is recorded before it. The
 * turn must be held now: that it was taken earlier is not enough.
 */
async function cordonNode(context: EffectContext): Promise<RebootEvent | undefined> {
  const { deps, reboot, still } = context;
  const workloads = await recordWorkloads(deps, reboot);
  if (!(await hasTurn(deps, reboot))) return undefined;
  const owner = await deps.cluster.cordon(bootTargetOf(reboot), reboot.name, still);
  deps.logger.info('node cordoned', { ...fieldsOf(reboot), owner });
  if (owner !== 'us' && owner !== 'other') return undefined;
  if (!(await recordCordon(context, owner))) return undefined;
  return {
    type: 'cordoned',
    owner,
    ...(workloads === undefined ? {} : { workloads }),
  };
}

async function hasTurn(deps: ServiceDeps, reboot: Reboot): Promise<boolean> {
  const kept = await unlessLedgerUnreadable(deps, reboot, () => keepTurn(deps, reboot));
  if (kept === false)
    deps.logger.warn('node not cordoned: its turn was lost, and another is not free', fieldsOf(reboot));
  return kept === true;
}

/** The managed labels are written before the cordon is recorded, and so before the first eviction. */
async function recordCordon(
  { deps, reboot, observation: { node }, still }: EffectContext,
  owner: CordonOwner,
): Promise<boolean> {
  if (!isIn(reboot, 'Draining')) return true;
  const cordoned = { ...reboot, state: { ...reboot.state, cordon: owner } };
  return labelNode(deps, cordoned, node && { ...node, unschedulable: true }, still);
}
