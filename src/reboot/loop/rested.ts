/** The last reconcile of each waiting Reboot that left nothing to do, for the comparison at a resync. */
import { owesCleanUp } from '../state/clean-up.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import type { Basis, Rested, ServiceDeps } from './deps.ts';

export const basisOf = (deps: ServiceDeps, { node: { name } }: Reboot): Basis => ({
  node: deps.cluster.cachedNode(name),
  agent: deps.cluster.agent(name),
  policy: deps.policy(),
});

/** Waits for a person, a time or a turn: nothing of it is under way. */
export const isWaiting = (reboot: Reboot): boolean =>
  isIn(reboot, 'Pending', 'Snoozed', 'Denied', 'Approved') && !owesCleanUp(reboot);

export function noteRested(deps: ServiceDeps, reboot: Reboot, rested: Omit<Rested, 'version' | 'at'>): void {
  if (isWaiting(reboot))
    deps.rested.set(reboot.name, { ...rested, version: reboot.version, at: deps.clock.now() });
  else deps.rested.delete(reboot.name);
}
