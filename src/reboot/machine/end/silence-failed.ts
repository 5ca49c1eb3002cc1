/** A failed silence does not change the course of a reboot. */
import { isOut } from '../../ownership/ownership.ts';
import type { Reboot } from '../../state/reboot.ts';
import { changed, type Context, remember, type Step, unchanged } from '../events/events.ts';

/** Recorded once for each Reboot. */
export function silenceFailed(reboot: Reboot, problem: string, { now }: Context): Step {
  if (!isOut(reboot) || reboot.history.some(({ what }) => what === 'silence-failed'))
    return unchanged(reboot);
  const reason = `Alerts of ${reboot.node.name} are not silenced: the Alertmanager of pool ${reboot.pool} cannot be used (${problem}). The reboot goes on, and alerts about it may fire.`;
  return changed(reboot, { history: remember(reboot, { what: 'silence-failed', reason }, now) });
}
