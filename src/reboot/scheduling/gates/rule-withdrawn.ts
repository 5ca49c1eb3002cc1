import type { Blocker } from '../blockers.ts';
import type { In } from '../../state/reboot.ts';
import { beyondRule } from '../rule-limits.ts';
import type { Situation } from '../snapshot.ts';

/** Whoever takes the rule out of the configuration means what it has approved and not started, too. */
export function ruleWithdrawn(reboot: In<'Approved'>, { pool }: Situation): Blocker | undefined {
  const { approvals } = reboot.state.decision;
  const byRule =
    approvals.length > 0 && approvals.every(({ by }) => by.kind === 'rule' || by.kind === 'window');
  if (!byRule) return undefined;
  // Packages that change no risk leave a decision standing, and may be beyond the rule all the same.
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
