import type { DrainPolicy } from '../../reboot/policy/policy.ts';
import type { BudgetBlock } from '../../reboot/state/drain-facts.ts';
import type { Impact } from '../../reboot/state/impact.ts';
import { second, toTimestamp } from '../../reboot/time/time.ts';
import { blockOf, budgetCovers, wouldBlock, type BudgetView } from '../pods/budget-view.ts';
import { judge, type Circumstances } from '../pods/filters.ts';
import { daemonsNotReady, isFinished, titleOf, type PodView } from '../pods/pod-view.ts';
import { workloadKeyOf, type Standing } from '../pods/workload-owners.ts';

/** Limit of each list in the impact: a card shows a few, and beyond that only "many" matters. */
export const mostNamed = 100;

export interface ImpactSnapshot extends Circumstances {
  readonly pods: readonly PodView[];
  readonly budgets: readonly BudgetView[];
  /** The replicas and the name of a pod's controller; undefined where they are unknown. */
  readonly standingOf?: StandingOf;
}

/** The pods that would leave the node, including those because of which the drain would refuse to start. */
export const goingOf = ({ pods, ...circumstances }: ImpactSnapshot): readonly PodView[] =>
  pods.filter((pod) => judge(pod, circumstances).kind !== 'stay');

/** The effect of a drain, computed without an eviction request. */
export function impactOf({
  pods,
  budgets,
  standingOf = () => undefined,
  ...circumstances
}: ImpactSnapshot): Impact {
  const judged = pods.map((pod) => ({ pod, verdict: judge(pod, circumstances) }));
  const going = judged.filter(({ verdict }) => verdict.kind !== 'stay').map(({ pod }) => pod);
  const losing = going.filter(isRunning);
  const refusals = judged.flatMap(({ verdict }) => (verdict.kind === 'refuse' ? [verdict.sentence] : []));
  const comeBack = losing.filter((pod) => hasSuccessor(pod, circumstances)).flatMap(comesBack);
  const named = (some: readonly PodView[]): readonly string[] =>
    some.slice(0, mostNamed).map((pod) => titleOf(pod));
  return {
    at: toTimestamp(circumstances.now),
    podsToMove: judged.filter(({ verdict }) => verdict.kind === 'move').length,
    podsStaying: judged.filter(({ verdict }) => verdict.kind === 'stay').length,
    blockedBy: blocksFor(going, budgets, standingOf),
    lost: named(losing.filter((pod) => pod.controller === undefined || circumstances.isOrphan(pod))),
    emptyDir: named(losing.filter((pod) => pod.emptyDir)),
    refusals: [...refusals, ...severalBudgets(going, budgets)].slice(0, mostNamed),
    comeBack: comeBack.slice(0, mostNamed),
    ...slowOf(losing, circumstances.policy),
    ...brokenDaemons(pods),
  };
}

function brokenDaemons(pods: readonly PodView[]): Pick<Impact, 'daemonsNotReady'> {
  const sets = new Set(daemonsNotReady(pods).map(({ daemonSet }) => daemonSet));
  return sets.size === 0 ? {} : { daemonsNotReady: [...sets].sort().slice(0, mostNamed) };
}

/** A pod that has finished, or is being deleted, loses nothing by the drain. */
export const isRunning = (pod: PodView): boolean => !isFinished(pod) && pod.deletesAt === undefined;

/**
 * Pods whose grace period exceeds the drain's timeout. A pod may end sooner; one that uses all of it outlasts
 * the drain.
 */
function slowOf(
  pods: readonly PodView[],
  { timeout, gracePeriodSeconds }: DrainPolicy,
): Pick<Impact, 'slow'> {
  const slow = pods
    .map((pod) => ({ pod: titleOf(pod), grace: (gracePeriodSeconds ?? pod.graceSeconds) * second }))
    .filter(({ grace }) => grace > timeout);
  return slow.length === 0 ? {} : { slow: { timeout, pods: slow.slice(0, mostNamed) } };
}

const comesBack = (pod: PodView) =>
  pod.comesBack === undefined ? [] : [{ pod: titleOf(pod), why: pod.comesBack }];

/** Whether a controller recreates the pod, so that it needs room. */
export const hasSuccessor = (pod: PodView, { isOrphan }: Pick<Circumstances, 'isOrphan'>): boolean =>
  pod.controller !== undefined && !isOrphan(pod) && isRunning(pod);

/** Each budget once, with the first pod that it would block; preferably one that is not ready. */
function blocksFor(
  pods: readonly PodView[],
  budgets: readonly BudgetView[],
  standingOf: StandingOf,
): readonly BudgetBlock[] {
  const blocks: BudgetBlock[] = [];
  for (const budget of budgets) {
    const waiting = pods.filter((candidate) => wouldBlock(budget, candidate));
    const pod = waiting.find(({ ready }) => !ready) ?? waiting[0];
    if (pod) blocks.push(blockOf(budget, pod, wantedOf(waiting, standingOf)));
  }
  return blocks.slice(0, mostNamed);
}

type StandingOf = (pod: PodView) => Standing | undefined;

/** The replicas of these pods' controllers, in total. */
function wantedOf(pods: readonly PodView[], standingOf: StandingOf): number {
  const standings = pods.flatMap((pod) => standingOf(pod) ?? []);
  const wants = new Map(standings.map((standing) => [workloadKeyOf(standing), standing.wants ?? 0]));
  return [...wants.values()].reduce((sum, each) => sum + each, 0);
}

/**
 * For such a pod the eviction subresource answers 500 until a budget is removed, so it is reported before the
 * drain.
 */
function severalBudgets(pods: readonly PodView[], budgets: readonly BudgetView[]): readonly string[] {
  return pods.flatMap((pod) => {
    const covering = budgets.filter((budget) => budgetCovers(budget, pod));
    if (covering.length < 2 || isFinished(pod)) return [];
    const names = covering.map((budget) => budget.name).join(', ');
    return [
      `${titleOf(pod)} has ${covering.length} PodDisruptionBudgets (${names}); Kubernetes evicts no pod that has more than one.`,
    ];
  });
}
