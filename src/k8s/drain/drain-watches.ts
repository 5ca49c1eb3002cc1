import type { DrainRequest } from '../../reboot/ports/cluster/drains.ts';
import { second } from '../../reboot/time/time.ts';
import { namesOf, uidOf } from '../api/object-names.ts';
import { paths } from '../api/paths.ts';
import { createReflector, type Reflector, type ReflectorDeps } from '../watch/reflector.ts';
import { sharedReflector, type SharedReflector, type SharedWatch } from '../watch/shared-reflector.ts';
import { budgetView, type BudgetView } from '../pods/budget-view.ts';
import { podView, titleOf, type PodView } from '../pods/pod-view.ts';
import { podsOnNode } from '../pods/pods-on-node.ts';

/**
 * A lost connection must be detected soon, but the server sends bookmarks once a minute only. A shorter watch
 * ends with a bookmark, so its absence shows earlier.
 */
const often = { watchFor: 40 * second, stalledAfter: 55 * second };

/**
 * Keeps the highest expected count. With a number in `minAvailable` the controller counts existing pods:
 * right after an eviction, before the replacement exists, the budget would look as if it could never allow a
 * disruption.
 */
export function withMostExpected(): (view: BudgetView) => BudgetView {
  const most = new Map<string, number>();
  // One object for each: a budget's selector is parsed once for each object.
  const known = new WeakMap<BudgetView, BudgetView>();
  return (from) => {
    const before = known.get(from);
    if (before) return before;
    const title = titleOf(from);
    const expected = Math.max(from.expected, most.get(title) ?? 0);
    const view = expected === from.expected ? from : { ...from, expected };
    most.set(title, expected);
    known.set(from, view);
    return view;
  };
}

/** One watch of all budgets for all running drains: separate ones would cache the same views. */
export const watchBudgets = (deps: ReflectorDeps): SharedReflector<BudgetView> =>
  sharedReflector((onChange) =>
    createReflector(
      {
        what: 'budgets',
        path: paths.budgets,
        reduce: budgetView,
        keyOf: (budget) => titleOf(namesOf(budget)),
        onChange,
        ...often,
      },
      deps,
    ),
  );

/** The budgets as one drain sees them. */
export type DrainBudgets = SharedWatch<BudgetView>;

export interface DrainWatches {
  readonly pods: Reflector<PodView>;
  readonly budgets: DrainBudgets;
}

interface Listeners {
  readonly onPod: () => void;
  /** Receives the budget's `namespace/name`. */
  readonly onBudget: (budget: string) => void;
}

function drainBudgets(shared: SharedReflector<BudgetView>, onBudget: Listeners['onBudget']): DrainBudgets {
  const seen = withMostExpected();
  const watch = shared.join((budget, before) => {
    // Two changes may come before the drain reads the first.
    if (before !== undefined) seen(before);
    onBudget(budget);
  });
  return { begin: watch.begin, values: () => Array.from(watch.values(), seen), leave: watch.leave };
}

export interface DrainWatchesDeps extends ReflectorDeps {
  readonly budgets: SharedReflector<BudgetView>;
}

/** What a running drain watches: the pods of its node, and with all other drains the budgets. */
export function drainWatches(
  deps: DrainWatchesDeps,
  { target, policy }: Pick<DrainRequest, 'target' | 'policy'>,
  { onPod, onBudget }: Listeners,
): DrainWatches {
  const pods: Reflector<PodView> = createReflector(
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
  );
  return { pods, budgets: drainBudgets(deps.budgets, onBudget) };
}
