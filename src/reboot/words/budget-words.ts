/**
 * Text about a PodDisruptionBudget that blocks an eviction: a wait that may end, one that the budget's own
 * limit makes endless, or one for an unhealthy pod. Pure.
 */
import { type BudgetBlock, isNever } from '../state/drain-facts.ts';

/**
 * The limit and the number of pods it applies to, where the record has them: "minAvailable: 3, of 3 pods".
 */
export function limitOf({ written = '', expected }: BudgetBlock): string {
  const of = expected === undefined ? '' : `of ${expected} ${expected === 1 ? 'pod' : 'pods'}`;
  return [written, of].filter((part) => part !== '').join(', ');
}

/** Continues a sentence that begins with the pod. */
export const waitsFor = (block: BudgetBlock): string =>
  isNever(block)
    ? `waits for budget ${block.budget}, which never allows it as it is written (${limitOf(block)})`
    : `waits for budget ${block.budget}, which needs ${block.needed} healthy and has ${block.healthy}`;

/** What a person could change, one sentence each; empty for a plain wait that can end by itself. */
export function remediesFor(block: BudgetBlock): readonly string[] {
  return [
    ...(isNever(block) ? [neverRemedy(block)] : []),
    ...(block.unhealthy === true
      ? [
          `${block.pod} itself is not healthy: unhealthyPodEvictionPolicy: AlwaysAllow in budget ${block.budget} would let it go.`,
        ]
      : []),
  ];
}

function neverRemedy({ budget, written = '' }: BudgetBlock): string {
  if (written.startsWith('maxUnavailable'))
    return `A higher maxUnavailable in budget ${budget} would allow it.`;
  const more = written.endsWith('100%') ? '' : ', or more pods,';
  return `A lower minAvailable in budget ${budget}${more} would allow it.`;
}
