import { mayGoAnyway } from '../scheduling/gates/node/packages-changing.ts';
import type { Reboot } from '../state/reboot.ts';
import { recordPhase } from '../show/announce.ts';
import { fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { bootTargetOf } from './boot-target.ts';
import { type Effect, type EffectContext, nothingToTell } from './effect.ts';

export const order: Effect<'order'> = {
  name: 'order',
  owed: ({ state }) => state.phase === 'Rebooting',
  async carryOut(context) {
    await giveOrder(context);
    return nothingToTell;
  },
  does: 'Names the boot to end in the spec of the NodeAgent.',
  repeated: 'Writes the same value; the agent obeys an order once, and only for its current boot.',
  crash: 'The order stands, and the boot that follows is observed.',
};

const evenWhilePackagesChange = (deps: ServiceDeps, reboot: Reboot): boolean => {
  const work = deps.cluster.agent(reboot.node.name)?.report?.packageWork;
  const decision = 'decision' in reboot.state ? reboot.state.decision : undefined;
  return mayGoAnyway(work, { decision, pool: poolFor(deps, reboot), now: deps.clock.now() });
};

/** Without a read of the Reboot, where the order is conditional on the proof. */
function isProven({ orders }: ServiceDeps, { name, state }: Reboot, version: string | undefined): boolean {
  const proof = orders.get(name);
  return proof !== undefined && proof.version === version && proof.since === state.since;
}

async function giveOrder({ deps, reboot, still }: EffectContext): Promise<void> {
  let written = false;
  const answer = await deps.cluster.order(
    bootTargetOf(reboot),
    async (version) => {
      written = isProven(deps, reboot, version) || (await still());
      return written;
    },
    evenWhilePackagesChange(deps, reboot),
  );
  if (answer !== 'ordered') deps.logger.warn('order not given', { ...fieldsOf(reboot), answer });
  else if (written) {
    deps.logger.info('node told to reboot', { ...fieldsOf(reboot), end_boot: reboot.bootId });
    await recordPhase(deps, reboot);
  }
}
