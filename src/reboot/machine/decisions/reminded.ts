/** People are reminded of a decision that nobody takes. It changes nothing but the history. */
import { rebootReminder, waitsForPersonSince } from '../../deadlines/reminders.ts';
import type { Reboot } from '../../state/reboot.ts';
import { inWords } from '../../time/time.ts';
import { changed, type Context, remember, type Step, unchanged } from '../events/events.ts';

/** Once for each stage and wait, however many bots find it due: the entry is stored before it is posted. */
export function reminded(reboot: Reboot, { pool, now }: Context): Step {
  const { due } = rebootReminder(reboot, pool, now);
  const since = waitsForPersonSince(reboot);
  if (due === undefined || since === undefined) return unchanged(reboot);
  const reason = `It has waited for a decision for ${inWords(now - since)}.`;
  return changed(reboot, { history: remember(reboot, { what: due, reason }, now) });
}
