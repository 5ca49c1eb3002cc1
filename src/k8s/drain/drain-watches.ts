import type { V1PodDisruptionBudget } from '@kubernetes/client-node';
import type { DrainRequest } from '../../reboot/ports/drains.ts';
import { second } from '../../reboot/time/time.ts';
import { namesOf, uidOf } from '../api/object-names.ts';
import { paths } from '../api/paths.ts';
import type { Received } from '../api/received.ts';
import { createReflector, type Reflector, type ReflectorDeps } from '../watch/reflector.ts';
import { budgetView, type BudgetView } from '../pods/budget-view.ts';
import { podView, titleOf, type PodView } from '../pods/pod-view.ts';
import { podsOnNode } from '../pods/pods-on-node.ts';

/**
 * A lost connection must be detected soon, but the server sends bookmarks once a minute only. A shorter watch
 * ends with a bookmark, so its absence shows earlier.
 */
const often = { watchFor: 40 * second, stalledAfter: 55 * second };

export interface DrainWatches {
  readonly pods: Reflector<PodView>;
  readonly budgets: Reflector<BudgetView>;
}

interface Listeners {
  readonly onPod: () => void;
  /** Receives the budget's `namespace/name`. */
  readonly onBudget: (budget: string) => void;
}

/**
 * Keeps the highest expected count. With a number in `minAvailable` the controller counts existing pods:
 * right after an eviction, before the replacement exists, the budget would look as if it could never allow a
 * disruption.
 */
export function withMostExpected(): (budget: Received<V1PodDisruptionBudget>) => BudgetView {
  const most = new Map<string, number>();
  return (budget) => {
    const view = budgetView(budget);
    const title = titleOf(view);
    const expected = Math.max(view.expected, most.get(title) ?? 0);
    most.set(title, expected);
    return { ...view, expected };
  };
}

/** The watches of a running drain: one for the pods of its node, and one for all budgets. */
export function drainWatches(
  deps: ReflectorDeps,
  { target, policy }: Pick<DrainRequest, 'target' | 'policy'>,
  { onPod, onBudget }: Listeners,
): DrainWatches {
  return {
    pods: createReflector(
      {
        what: 'pods of a node',
        path: paths.pods,
        query: podsOnNode(target.node, policy),
        reduce: podView,
        keyOf: uidOf,
        onChange: onPod,
        ...often,
      },
      deps,
    ),
    budgets: createReflector(
      {
        what: 'budgets',
        path: paths.budgets,
        reduce: withMostExpected(),
        keyOf: (budget) => titleOf(namesOf(budget)),
        onChange: onBudget,
        ...often,
      },
      deps,
    ),
  };
}
