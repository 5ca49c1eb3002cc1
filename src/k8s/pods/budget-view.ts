import { readable } from '../api/readable.ts';
import type { V1LabelSelector, V1PodDisruptionBudget } from '@kubernetes/client-node';
import type { BudgetBlock } from '../../reboot/state/drain-facts.ts';
import type { KubeStatus } from '../api/kube-status.ts';
import { namesOf } from '../api/object-names.ts';
import type { Received } from '../api/received.ts';
import { labelSelector } from '../placement/label-selector.ts';
import { isFinished, titleOf, type PodView } from './pod-view.ts';

/** A PodDisruptionBudget as its controller last counted. */
export interface BudgetView {
  readonly namespace: string;
  readonly name: string;
  readonly needed: number;
  readonly healthy: number;
  readonly allowed: number;
  /** The number of pods that the controller expects (`expectedPods`). */
  readonly expected: number;
  /** The limit as written in the spec, such as "minAvailable: 3". */
  readonly written: string;
  /** False while the controller has not observed the latest change: then it allows no disruption. */
  readonly counted: boolean;
  readonly alwaysAllowsUnhealthy: boolean;
  /** Names of the pods whose eviction is booked in the status, until the controller has seen them end. */
  readonly disrupted: readonly string[];
  readonly selector: Received<V1LabelSelector> | undefined;
}

type Budget = Received<V1PodDisruptionBudget>;

export const budgetView = readable('PodDisruptionBudget', viewOfBudget);

function viewOfBudget(budget: Budget): BudgetView {
  const { metadata, spec, status } = budget;
  return {
    ...namesOf(budget),
    ...countsOf(budget),
    counted: (status?.observedGeneration ?? 0) >= (metadata?.generation ?? 0),
    written: writtenIn(budget),
    alwaysAllowsUnhealthy: spec?.unhealthyPodEvictionPolicy === 'AlwaysAllow',
    selector: spec?.selector,
  };
}

type Counts = Pick<BudgetView, 'needed' | 'healthy' | 'allowed' | 'expected' | 'disrupted'>;

function countsOf({ status }: Budget): Counts {
  return {
    needed: status?.desiredHealthy ?? 0,
    healthy: status?.currentHealthy ?? 0,
    allowed: status?.disruptionsAllowed ?? 0,
    expected: status?.expectedPods ?? 0,
    disrupted: Object.keys(status?.disruptedPods ?? {}),
  };
}

const longestLimit = 50;

function writtenIn({ spec }: Budget): string {
  for (const limit of ['minAvailable', 'maxUnavailable'] as const) {
    const value = spec?.[limit];
    if (value !== undefined) return `${limit}: ${String(value).slice(0, longestLimit)}`;
  }
  return '';
}

/**
 * Whether the budget can never allow a disruption, even with all pods healthy: the controller allows the
 * healthy pods beyond `desiredHealthy`, and at most the expected pods are healthy. With a number in
 * `minAvailable` it counts existing pods, which may lack one that is being replaced: `wanted` is the replica
 * count of their controllers, where that is known.
 */
export const neverAllows = ({ counted, expected, needed }: BudgetView, wanted = 0): boolean =>
  counted && expected > 0 && needed >= Math.max(expected, wanted);

type Matcher = ReturnType<typeof labelSelector>;
/** Each selector is parsed once, however many pods it is matched against. */
const matchers = new WeakMap<BudgetView, Matcher>();

function matcherOf(budget: BudgetView): Matcher {
  const known = matchers.get(budget);
  if (known) return known;
  const matcher = labelSelector(budget.selector);
  matchers.set(budget, matcher);
  return matcher;
}

export const budgetCovers = (budget: BudgetView, pod: PodView): boolean =>
  budget.namespace === pod.namespace && matcherOf(budget)(pod.labels);

/** The API server checks no budget for these (eviction subresource, `canIgnorePDB`). */
const needsNoBudget = (pod: PodView): boolean =>
  isFinished(pod) || pod.phase === 'Pending' || pod.deletesAt !== undefined;

/** Whether an eviction of this pod uses up one of the disruptions that this budget allows. */
export function governs(budget: BudgetView, pod: PodView): boolean {
  if (!budgetCovers(budget, pod) || needsNoBudget(pod)) return false;
  if (!pod.ready && budget.alwaysAllowsUnhealthy) return false;
  // A pod that is not ready uses none while enough others are healthy.
  return pod.ready || budget.needed <= 0 || budget.healthy < budget.needed;
}

export const evictionsAllowed = (budget: BudgetView): number =>
  budget.counted ? Math.max(0, budget.allowed) : 0;

/** Whether this budget would block an eviction of the pod now. */
export const wouldBlock = (budget: BudgetView, pod: PodView): boolean =>
  governs(budget, pod) && evictionsAllowed(budget) === 0;

export const blockOf = (budget: BudgetView, pod: PodView, wanted?: number): BudgetBlock => ({
  budget: titleOf(budget),
  needed: budget.needed,
  healthy: budget.healthy,
  allowed: budget.allowed,
  pod: titleOf(pod),
  ...kindOf(budget, pod, wanted),
});

const kindOf = (
  budget: BudgetView,
  pod: PodView,
  wanted?: number,
): Pick<BudgetBlock, 'kind' | 'written' | 'expected' | 'unhealthy'> => ({
  kind: neverAllows(budget, wanted) ? 'never' : 'now',
  ...(budget.written === '' ? {} : { written: budget.written, expected: budget.expected }),
  ...(pod.ready || budget.alwaysAllowsUnhealthy ? {} : { unhealthy: true }),
});

/**
 * `The disruption budget pg needs 2 healthy pods and has 2 currently` (from the API server: a cause of its
 * 429).
 */
const causePattern = /disruption budget (\S+) .*?needs (\d+) healthy pods and has (\d+)/;

/** The budget that a 429 names. Fields that the message lacks are taken from the cached budgets. */
export function blockFrom(
  status: KubeStatus,
  pod: PodView,
  budgets: Iterable<BudgetView>,
): BudgetBlock | undefined {
  const cause = status.causes.find((entry) => entry.reason === 'DisruptionBudget');
  const covering = [...budgets].filter((budget) => budgetCovers(budget, pod));
  const match = causePattern.exec(cause?.message ?? '');
  if (match) {
    const [, name = '', needed = '0', healthy = '0'] = match;
    const seen = covering.find((budget) => budget.name === name);
    return {
      budget: `${pod.namespace}/${name}`,
      needed: Number(needed),
      healthy: Number(healthy),
      allowed: seen?.allowed ?? 0,
      pod: titleOf(pod),
      ...(seen && kindOf(seen, pod)),
    };
  }
  const blocking =
    covering.find((budget) => wouldBlock(budget, pod)) ?? (cause === undefined ? undefined : covering[0]);
  return blocking === undefined ? undefined : blockOf(blocking, pod);
}
