import type { Blocker } from '../blockers.ts';
import { isIn, type Reboot } from '../reboot.ts';
import type { Situation } from './situation.ts';

export function poolHalted(reboot: Reboot, { snapshot }: Situation): Blocker | undefined {
  const failed = snapshot.reboots.find(
    (other) => other.pool === reboot.pool && isIn(other, 'Failed') && other.state.givenUp === undefined,
  );
  if (!failed) return undefined;
  return {
    code: 'pool-halted',
    sentence: `The reboot of ${failed.node.name} failed, which halts pool ${reboot.pool}.`,
    clears: `Retry or skip ${failed.node.name}.`,
  };
}
