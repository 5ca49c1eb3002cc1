import type { Blocker } from '../blockers.ts';
import { isIn, type Reboot } from '../reboot.ts';
import { minute, toInstant, toTimestamp } from '../time.ts';
import { tooLate } from '../words.ts';
import { type Context, enter, rejected, type Step, unchanged } from './events.ts';

/** Of a record that is read, not watched: where much is going on, not each change of mind is worth a write for every node that waits. */
const rewrittenAfter = minute;

/** For whoever reads the record, with kubectl say: what counts at a start is looked at anew. */
export function waits(reboot: Reboot, found: readonly Blocker[], { now }: Context): Step {
  if (!isIn(reboot, 'Approved')) return rejected('not-possible-now', tooLate(reboot));
  const { waits: before, ...free } = reboot.state;
  if (codesIn(before?.blockers ?? []) === codesIn(found)) return unchanged(reboot);
  if (before !== undefined && now - toInstant(before.at) < rewrittenAfter) return unchanged(reboot);
  const blockers = found.map(({ code, sentence, clears }) => ({ code, sentence, clears }));
  return enter(reboot, blockers.length === 0 ? free : { ...free, waits: { at: toTimestamp(now), blockers } });
}

const codesIn = (blockers: readonly Blocker[]): string => blockers.map(({ code }) => code).join(' ');
