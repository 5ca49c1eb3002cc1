/** A decision lapses: the Reboot is pending again, with the reason. */
import type { HistoryEntry, Lapse } from '../../state/decision.ts';
import type { Reboot } from '../../state/reboot.ts';
import { toTimestamp } from '../../time/time.ts';
import { type Context, enter, remember, type Step } from '../events/events.ts';

export function lapsed(
  reboot: Reboot,
  why: Omit<Lapse, 'at'>,
  { now }: Pick<Context, 'now'>,
  also: { readonly changes?: Partial<Reboot>; readonly entry?: Omit<HistoryEntry, 'at' | 'what'> } = {},
): Step {
  const at = toTimestamp(now);
  return enter(
    reboot,
    { phase: 'Pending', since: at, approvals: [], lapse: { at, ...why } },
    { ...also.changes, history: remember(reboot, { what: 'lapsed', ...also.entry }, now) },
  );
}
