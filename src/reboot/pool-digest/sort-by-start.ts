/** The order in which the nodes of a digest are decided and listed: that in which they would start. Pure. */
import type { Reboot } from '../state/reboot.ts';
import { toInstant } from '../time/time.ts';
import type { DigestEntry } from './pool-digest.ts';

/** As the plan orders them, as far as it is known before a decision. Those that are gone come last. */
export function sortedByStart<Entry extends Pick<DigestEntry, 'reboot'>>(
  entries: readonly Entry[],
  reboots: ReadonlyMap<string, Reboot>,
): readonly Entry[] {
  const rank = ({ facts }: Reboot): number => (facts.controlPlane ? 1 : 0);
  return entries.toSorted((one, other) => {
    const [a, b] = [reboots.get(one.reboot), reboots.get(other.reboot)];
    if (!a || !b) return Number(!a) - Number(!b);
    return (
      rank(a) - rank(b) || toInstant(a.need.since) - toInstant(b.need.since) || (a.name < b.name ? -1 : 1)
    );
  });
}
