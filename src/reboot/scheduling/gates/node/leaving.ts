import type { Blocker } from '../../blockers/blockers.ts';
import { departureOf } from '../../../policy/departure.ts';
import type { Reboot } from '../../../state/reboot.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/**
 * Another component removes the node or maintains it. A reboot in between would disturb its pods twice, or be
 * useless.
 */
export function leaving(reboot: Reboot, { known, policy }: Situation): Blocker<'node-leaving'> | undefined {
  const { name } = reboot.node;
  const node = known.nodes.get(name);
  const why = node && departureOf(node, policy.departing);
  if (why === undefined) return undefined;
  return {
    code: 'node-leaving',
    sentence: `${name} ${why}: somebody else takes it out of service.`,
    clears: 'It starts when that is gone. When the node goes, this reboot ends.',
  };
}
