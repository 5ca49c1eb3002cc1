import type { Blocker } from '../blockers.ts';
import { isIn, type Reboot } from '../reboot.ts';
import { type Instant, inWords, type Millis, toInstant } from '../time.ts';
import type { Situation } from './situation.ts';

/** When a Reboot that had disturbed its node came to its end; undefined where it is not over, or never began. */
function endedAt(reboot: Reboot): Instant | undefined {
  if (isIn(reboot, 'Succeeded')) return toInstant(reboot.state.since);
  if (isIn(reboot, 'Failed') && reboot.state.givenUp) return toInstant(reboot.state.givenUp.at);
  if (isIn(reboot, 'Cancelled') && reboot.state.from === 'Draining') return toInstant(reboot.state.since);
  return undefined;
}

/** The least time between reboots of a pool, and of one node. */
export function tooSoon(reboot: Reboot, situation: Situation): readonly Blocker[] {
  const { pool, snapshot } = situation;
  const others = snapshot.reboots.filter(({ name }) => name !== reboot.name);
  const ofNode = others.filter(({ node }) => node.uid === reboot.node.uid);
  const ofPool = others.filter((other) => other.pool === pool.name && other.node.uid !== reboot.node.uid);
  return [
    restOf(ofNode, pool.minTimeBetween.node, situation.now, 'Reboots of one node'),
    restOf(ofPool, pool.minTimeBetween.pool, situation.now, `Reboots of pool ${pool.name}`),
  ].filter((blocker) => blocker !== undefined);
}

function restOf(reboots: readonly Reboot[], least: Millis, now: Instant, what: string): Blocker | undefined {
  if (least === 0) return undefined;
  let last: { readonly reboot: Reboot; readonly at: Instant } | undefined;
  for (const reboot of reboots) {
    const at = endedAt(reboot);
    if (at !== undefined && (last === undefined || at > last.at)) last = { reboot, at };
  }
  if (last === undefined || last.at + least <= now) return undefined;
  return {
    code: 'too-soon',
    sentence: `${what} are ${inWords(least)} apart, and ${last.reboot.node.name} was the last.`,
    clears: 'It starts when that time is over.',
    until: last.at + least,
  };
}
