import type { Blocker } from '../../blockers/blockers.ts';
import type { Reboot } from '../../../state/reboot.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

export function poolHalted(reboot: Reboot, { known }: Situation): Blocker<'pool-halted'> | undefined {
  const failed = known.halts.get(reboot.pool);
  if (!failed) return undefined;
  return {
    code: 'pool-halted',
    sentence: `The reboot of ${failed.node.name} failed, which halts pool ${reboot.pool}.`,
    clears: `Retry or skip ${failed.node.name}.`,
  };
}
