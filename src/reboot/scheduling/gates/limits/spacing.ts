import type { Blocker } from '../../blockers/blockers.ts';
import type { Reboot } from '../../../state/reboot.ts';
import { type Instant, inWords, type Millis } from '../../../time/time.ts';
import type { Ended } from '../../snapshot/known.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/** The minimum time between reboots of a pool, and of one node. */
export function tooSoon(reboot: Reboot, { pool, known, now }: Situation): readonly Blocker<'too-soon'>[] {
  const { uid } = reboot.node;
  const ofNode = known.endedOn.get(uid)?.find((ended) => ended.reboot.name !== reboot.name);
  const ofPool = known.endedIn.get(pool.name)?.find((ended) => ended.reboot.name !== reboot.name);
  return [
    tooSoonAfter(ofNode, pool.minTimeBetween.node, now, 'Reboots of one node'),
    tooSoonAfter(ofPool, pool.minTimeBetween.pool, now, `Reboots of pool ${pool.name}`),
  ].filter((blocker) => blocker !== undefined);
}

function tooSoonAfter(
  last: Ended | undefined,
  least: Millis,
  now: Instant,
  what: string,
): Blocker<'too-soon'> | undefined {
  if (least === 0 || last === undefined || last.at + least <= now) return undefined;
  return {
    code: 'too-soon',
    sentence: `${what} are ${inWords(least)} apart, and ${last.reboot.node.name} was the last.`,
    clears: 'It starts when that time is over.',
    until: last.at + least,
  };
}
