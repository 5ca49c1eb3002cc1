import { isPerson } from '../../../state/decision.ts';
import type { Blocker } from '../../blockers/blockers.ts';
import { type In, isIn, type Reboot } from '../../../state/reboot.ts';
import { inWords, toInstant } from '../../../time/time.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/**
 * A node that requires a reboot again right after its boot would be rebooted endlessly by a rule: the cause
 * recurs at each boot, or a reboot does not fix it. Approval by a person overrides this gate.
 */
export function rebootLoop(
  reboot: In<'Approved'>,
  { known, pool }: Situation,
): Blocker<'reboot-loop'> | undefined {
  if (pool.loopGuard === 0 || reboot.state.decision.approvals.some(({ by }) => isPerson(by)))
    return undefined;
  const before = known.endedOn.get(reboot.node.uid)?.find((ended) => bootedInto(ended.reboot, reboot));
  if (before === undefined) return undefined;
  const after = toInstant(reboot.need.since) - before.at;
  if (after >= pool.loopGuard) return undefined;
  return {
    code: 'reboot-loop',
    sentence: `${reboot.node.name} asked again ${inWords(Math.max(0, after))} after its last reboot, so no rule may start it.`,
    clears: 'Approve it on its card if it is to reboot again; else see what asks on that node.',
  };
}

/** Whether the other Reboot brought about the boot that this one is to end. */
const bootedInto = (other: Reboot, reboot: Reboot): boolean =>
  other.name !== reboot.name && isIn(other, 'Succeeded') && other.state.newBootId === reboot.bootId;
