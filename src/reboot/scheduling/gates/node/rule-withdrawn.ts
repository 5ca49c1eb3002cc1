import type { Blocker } from '../../blockers/blockers.ts';
import type { In } from '../../../state/reboot.ts';
import { beyondRule } from '../../../approval/rule-limits.ts';
import type { Situation } from '../../snapshot/snapshot.ts';

/** Removing the rule from the configuration also withdraws its approvals that have not started. */
export function ruleWithdrawn(
  reboot: In<'Approved'>,
  { pool }: Situation,
): Blocker<'rule-withdrawn'> | undefined {
  const { approvals } = reboot.state.decision;
  const byRule =
    approvals.length > 0 && approvals.every(({ by }) => by.kind === 'rule' || by.kind === 'window');
  if (!byRule) return undefined;
  // Added packages that do not change the risk keep a decision valid, but may exceed the limits of the rule.
  const why =
    pool.approval === 'manual'
      ? `and pool ${pool.name} has none any more.`
      : beyondRule(reboot.need, pool)?.replace(/^The/, 'and the');
  if (why === undefined) return undefined;
  return {
    code: 'rule-withdrawn',
    sentence: `Only a rule approved it, ${why}`,
    clears: 'Approve it on its card, or cancel it there.',
  };
}
