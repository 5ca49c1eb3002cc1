import type { DrainPolicy } from '../../reboot/policy.ts';
import type { Clock } from '../../reboot/ports.ts';
import type { BudgetBlock, Impact } from '../../reboot/reboot.ts';
import { toTimestamp } from '../../reboot/time.ts';
import type { KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { blockOf, budgetView, covers, wouldBlock, type BudgetView } from './budgets.ts';
import { daemonOwners } from './daemon-owners.ts';
import { judge, type Circumstances } from './filters.ts';
import { isFinished, podView, titleOf, type PodView } from './pod-view.ts';
import { listPods, podsOnNode } from './pods-on-node.ts';

/** A card shows a few; the rest only has to be known to be many. */
const mostNamed = 100;

interface Scene extends Circumstances {
  readonly pods: readonly PodView[];
  readonly budgets: readonly BudgetView[];
}

/** What a drain would do, counted without asking for a single eviction. */
export function impactOf({ pods, budgets, ...circumstances }: Scene): Impact {
  const judged = pods.map((pod) => ({ pod, verdict: judge(pod, circumstances) }));
  const going = judged.filter(({ verdict }) => verdict.kind !== 'stay').map(({ pod }) => pod);
  const losing = going.filter((pod) => !isFinished(pod) && pod.deletesAt === undefined);
  const refusals = judged.flatMap(({ verdict }) => (verdict.kind === 'refuse' ? [verdict.sentence] : []));
  const named = (some: readonly PodView[]): readonly string[] =>
    some.slice(0, mostNamed).map((pod) => titleOf(pod));
  return {
    at: toTimestamp(circumstances.now),
    podsToMove: judged.filter(({ verdict }) => verdict.kind === 'move').length,
    podsStaying: judged.filter(({ verdict }) => verdict.kind === 'stay').length,
    blockedBy: blocksFor(going, budgets),
    lost: named(losing.filter((pod) => pod.controller === undefined || circumstances.isOrphan(pod))),
    emptyDir: named(losing.filter((pod) => pod.emptyDir)),
    refusals: [...refusals, ...overCovered(going, budgets)].slice(0, mostNamed),
  };
}

/** Each budget once, with the first pod that would wait for it. */
function blocksFor(pods: readonly PodView[], budgets: readonly BudgetView[]): readonly BudgetBlock[] {
  const blocks: BudgetBlock[] = [];
  for (const budget of budgets) {
    const pod = pods.find((candidate) => wouldBlock(budget, candidate));
    if (pod) blocks.push(blockOf(budget, pod));
  }
  return blocks.slice(0, mostNamed);
}

/** The eviction subresource answers 500 to these for as long as it stays so: better told before than found out. */
function overCovered(pods: readonly PodView[], budgets: readonly BudgetView[]): readonly string[] {
  return pods.flatMap((pod) => {
    const covering = budgets.filter((budget) => covers(budget, pod));
    if (covering.length < 2 || isFinished(pod)) return [];
    const names = covering.map((budget) => budget.name).join(', ');
    return [
      `${titleOf(pod)} has ${covering.length} PodDisruptionBudgets (${names}); Kubernetes evicts no pod that has more than one.`,
    ];
  });
}

/** Three requests, whatever the number of pods; two where no DaemonSet has any. */
export async function assess(
  { client, clock }: { readonly client: KubeClient; readonly clock: Clock },
  node: string,
  policy: DrainPolicy,
): Promise<Impact> {
  const [pods, budgets] = await Promise.all([
    listPods(client, podsOnNode(node, policy), podView),
    listAll(client, { path: paths.budgets }, budgetView),
  ]);
  const owners = daemonOwners(client);
  await owners.learn(pods);
  const isOrphan = (pod: PodView): boolean => owners.isOrphan(pod);
  return impactOf({ pods, budgets: budgets.items, policy, now: clock.now(), isOrphan });
}
