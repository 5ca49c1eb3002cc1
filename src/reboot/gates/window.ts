import type { Blocker } from '../blockers.ts';
import type { In } from '../reboot.ts';
import { nextOfAll, openingLabel } from '../windows.ts';
import type { Situation } from './situation.ts';

export function outsideWindow(reboot: In<'Approved'>, { pool, now }: Situation): Blocker | undefined {
  if (pool.windows.length === 0) return undefined;
  // Said while the window was open; where the pool starts nothing outside, the next opening is meant.
  if (reboot.state.decision.mode === 'now' && pool.approveNowOutsideWindow) return undefined;
  const opening = nextOfAll(pool.windows, now);
  if (!opening)
    return {
      code: 'outside-window',
      sentence: `No window of pool ${pool.name} opens within two weeks.`,
      clears: 'Approve it now, or change the windows.',
    };
  if (opening.opens <= now) return undefined;
  return {
    code: 'outside-window',
    sentence: `Its window opens ${openingLabel(opening)}.`,
    clears: 'It starts when the window opens.',
    until: opening.opens,
  };
}
