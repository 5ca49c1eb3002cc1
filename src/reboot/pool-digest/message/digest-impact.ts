/** The sum of what the drains of a sample would disturb. Pure. */
import type { Impact } from '../../state/impact.ts';
import type { Reboot } from '../../state/reboot.ts';
import type { DigestImpact, Named } from './digest-facts.ts';

/** Of those Reboots that have a dry-run. */
export function digestImpact(asking: readonly Reboot[]): { readonly impact?: DigestImpact } {
  const found = asking.flatMap(({ impact }) => impact ?? []);
  if (found.length === 0) return {};
  const named = (of: (impact: Impact) => readonly string[]): Named => {
    const names = [...new Set(found.flatMap(of))];
    return { count: names.length, first: names.slice(0, mostNames) };
  };
  return {
    impact: {
      sampled: found.length,
      of: asking.length,
      podsToMove: found.reduce((sum, { podsToMove }) => sum + podsToMove, 0),
      lost: named(({ lost }) => lost),
      goesDown: named(({ goesDown = [] }) => goesDown.map(({ workload }) => workload)),
      budgets: named(({ blockedBy }) => blockedBy.map(({ budget }) => budget)),
      refusals: named(({ refusals }) => refusals),
    },
  };
}

const mostNames = 5;
