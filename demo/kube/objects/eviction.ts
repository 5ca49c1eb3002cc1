/** The rules of the eviction subresource in policy/v1. Pure. */
export interface EvictablePod {
  readonly phase: string;
  readonly terminating: boolean;
  readonly ready: boolean;
}

export interface Budget {
  readonly name: string;
  readonly generation: number;
  readonly observedGeneration: number;
  readonly disruptionsAllowed: number;
  readonly currentHealthy: number;
  readonly desiredHealthy: number;
  readonly disruptedPods: number;
  readonly unhealthyPods: 'IfHealthyBudget' | 'AlwaysAllow';
}

export type EvictionVerdict =
  /** No budget applies: the pod is deleted. */
  | { readonly kind: 'allowed' }
  /**
   * A pod that is not ready uses up no disruption. The delete is bound to this version, since the pod may
   * become ready.
   */
  | { readonly kind: 'allowed-unchanged' }
  /** Uses up one disruption of the budget. */
  | { readonly kind: 'allowed-by-budget' }
  | { readonly kind: 'several-budgets' }
  | { readonly kind: 'budget-not-observed' }
  | { readonly kind: 'budget-broken'; readonly why: string }
  | { readonly kind: 'budget-exhausted' };

/**
 * With more unconfirmed evictions than this, the server assumes that the disruption controller is not
 * running.
 */
const mostUnconfirmed = 2000;

export const budgetsDoNotApply = (pod: EvictablePod): boolean =>
  pod.terminating || pod.phase === 'Succeeded' || pod.phase === 'Failed' || pod.phase === 'Pending';

export function judgeEviction(pod: EvictablePod, budgets: readonly Budget[]): EvictionVerdict {
  if (budgetsDoNotApply(pod)) return { kind: 'allowed' };
  if (budgets.length > 1) return { kind: 'several-budgets' };
  const [budget] = budgets;
  if (budget === undefined) return { kind: 'allowed' };
  if (!pod.ready && unhealthyMayGo(budget)) return { kind: 'allowed-unchanged' };
  if (budget.observedGeneration < budget.generation) return { kind: 'budget-not-observed' };
  if (budget.disruptionsAllowed < 0)
    return { kind: 'budget-broken', why: 'pdb disruptions allowed is negative' };
  if (budget.disruptedPods > mostUnconfirmed) {
    return {
      kind: 'budget-broken',
      why: 'DisruptedPods map too big - too many evictions not confirmed by PDB controller',
    };
  }
  return budget.disruptionsAllowed === 0 ? { kind: 'budget-exhausted' } : { kind: 'allowed-by-budget' };
}

const unhealthyMayGo = (budget: Budget): boolean =>
  budget.unhealthyPods === 'AlwaysAllow' ||
  (budget.currentHealthy >= budget.desiredHealthy && budget.desiredHealthy > 0);
