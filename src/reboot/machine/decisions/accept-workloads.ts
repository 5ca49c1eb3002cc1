/** Lifecycle of the readiness that is recorded of a node's workloads and DaemonSets. */
import { isIn, type Reboot } from '../../state/reboot.ts';
import { tooLate } from '../../words/words.ts';
import {
  type Context,
  rejected,
  remember,
  type RebootEvent,
  type Step,
  unchanged,
} from '../events/events.ts';

export function withoutWorkloads({ workloads: _before, ...reboot }: Reboot): Reboot {
  return reboot;
}

/** Each start records the readiness anew. What an earlier, undone drain recorded may be outdated. */
export function withoutNotes(reboot: Reboot): Reboot {
  const { daemonsBefore: _before, ...rest } = withoutWorkloads(reboot);
  return rest;
}

export function accept(
  reboot: Reboot,
  { by, reason }: Extract<RebootEvent, { type: 'accepted' }>,
  { now }: Context,
): Step {
  if (!isIn(reboot, 'Succeeded')) return rejected('not-possible-now', tooLate(reboot));
  if (reboot.workloads === undefined) return unchanged(reboot);
  const history = remember(reboot, { what: 'accepted', by, reason }, now);
  return { ok: true, reboot: { ...withoutWorkloads(reboot), history } };
}
