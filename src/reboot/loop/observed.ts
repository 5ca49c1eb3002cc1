/** What was observed: as an event, and kept for the step whose write is conditional on it. */
import { needOf } from '../signals/packages.ts';
import type { Observation } from '../nodes/observation.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { readSignals, reportOf, verdictOf } from '../signals/signals.ts';
import { second } from '../time/time.ts';
import type { RebootEvent } from '../machine/events/events.ts';
import { poolFor } from './apply.ts';
import type { ServiceDeps } from './deps.ts';

export interface Observed {
  readonly observation: Observation;
  /** Everything in it was read for this step. */
  readonly fresh: boolean;
}

export const isBeforeCordon = (reboot: Reboot): boolean =>
  isIn(reboot, 'Draining') && reboot.state.cordon === undefined;

/** In milliseconds: longer than the job of the next step takes to begin. */
const passedOnFor = second;

/**
 * Keeps a read for the step that cordons or uncordons the node, whose write is conditional on what was read.
 */
export function passOn(
  { proofs, clock }: ServiceDeps,
  reboot: Reboot,
  { observation, fresh }: Observed,
): void {
  if (fresh && (isBeforeCordon(reboot) || isIn(reboot, 'Succeeded')))
    proofs.set(reboot.name, { observation, at: clock.now() });
}

export function takeProof({ proofs, clock }: ServiceDeps, reboot: Reboot): Observation | undefined {
  const proof = proofs.get(reboot.name);
  proofs.delete(reboot.name);
  const isRecent = proof !== undefined && clock.now() - proof.at < passedOnFor;
  return isRecent && (isBeforeCordon(reboot) || isIn(reboot, 'Succeeded')) ? proof.observation : undefined;
}

export function observedEvent(deps: ServiceDeps, reboot: Reboot, observation: Observation): RebootEvent {
  const { node, agent } = observation;
  const now = deps.clock.now();
  const report = node?.bootId === reboot.bootId ? reportOf(node, agent) : undefined;
  if (node === undefined || report === undefined) return { type: 'observed', observation };
  const pool = poolFor(deps, reboot);
  const readings = readSignals(pool.signals, { node, report, now });
  // A reboot requested by a person is bound to the packages that they saw, too.
  const isRequired = verdictOf(readings) === 'yes' || reboot.need.person !== undefined;
  if (!isRequired || pool.gone) return { type: 'observed', observation };
  return { type: 'observed', observation, need: needOf(report, deps.hash, now, readings) };
}
