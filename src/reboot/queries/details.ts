/** Everything that is known of one Reboot. Read-only. */
import { whyNot } from '../card/why.ts';
import type { DetailsView } from '../ports/decisions/decisions.ts';
import { isOpen } from '../ownership/ownership.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { toInstant } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { currentPlan } from '../start/plans.ts';
import { policyFor } from './explain.ts';

/** How many earlier Reboots of the node are listed. */
const mostEarlier = 10;

export async function details(deps: ServiceDeps, name: string): Promise<DetailsView | undefined> {
  const reboot = await deps.store.latest(name);
  if (reboot === undefined) return undefined;
  const planned = await currentPlan(deps);
  return {
    cluster: deps.policy().cluster,
    reboot,
    blockers: whyNot(reboot, { ...planned, policy: policyFor(deps, reboot) }, deps.clock.now()),
    earlier: earlierOf(reboot, deps.store.all()),
  };
}

/** Found by the node's name, which a replaced machine keeps. Those that had nothing to do are left out. */
const earlierOf = ({ name, node }: Reboot, reboots: readonly Reboot[]): readonly Reboot[] =>
  reboots
    .filter((each) => each.node.name === node.name && each.name !== name)
    .filter((each) => !isOpen(each) && !isIn(each, 'Superseded'))
    .toSorted((one, other) => toInstant(other.state.since) - toInstant(one.state.since))
    .slice(0, mostEarlier);
