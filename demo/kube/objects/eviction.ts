/** The arithmetic of the eviction subresource, as policy/v1 has it. Pure. */
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
  /** No budget has a say: the pod is deleted. */
  | { readonly kind: 'allowed' }
  /**
   * A pod that is not ready costs the budget nothing, as long as it has not become ready since: only at this
   * version.
   */
  | { readonly kind: 'allowed-unchanged' }
  /** One disruption of the budget is used up. */
  | { readonly kind: 'allowed-by-budget' }
  | { readonly kind: 'several-budgets' }
  | { readonly kind: 'budget-not-observed' }
  | { readonly kind: 'budget-broken'; readonly why: string }
  | { readonly kind: 'budget-exhausted' };

/**
 * Beyond so many evictions that the controller has not confirmed, the server stops believing in the
 * controller.
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
