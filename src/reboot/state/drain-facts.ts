/** What is known about a drain, while it runs and after it. The dry-run is in impact.ts. */
import { z } from 'zod';
import { choice, count, flag, list, name, names, phrases, type Stored, text, time } from '../schema/field.ts';

/**
 * `tolerates`: the pod tolerates `node.kubernetes.io/unschedulable`. `named`: it was created with
 * `spec.nodeName`, so the scheduler does not place it.
 */
export const comesBack = choice(
  ['tolerates', 'named'],
  'Whether it tolerates the cordon, or its template names the node.',
);
export type ComesBack = Stored<typeof comesBack>;

/** A pod that appeared on the node after the first list of the drain, and is not evicted. */
const keptPod = z.object({
  pod: name('Namespace and name.'),
  uid: text('UID of the pod.', 256),
  /** `again`: pods of this controller have been evicted several times, and it created new ones each time. */
  why: choice(
    ['tolerates', 'named', 'again'],
    'Why it stays: it runs on a cordoned node, or its controller created pods again and again.',
  ),
  of: text('Kind, namespace and name of its controller.', 1024).exactOptional(),
});
export type KeptPod = Stored<typeof keptPod>;

const budgetBlock = z.object({
  budget: name('Namespace and name of the PodDisruptionBudget.'),
  needed: count('Number of healthy pods that it needs.'),
  healthy: count('Number of healthy pods that it has.'),
  // The disruption controller can write a negative number (seen).
  allowed: z.int().meta({ description: 'Number of evictions that it allows now.' }),
  pod: name('Namespace and name of the pod whose eviction it refuses.'),
  // Absent in a dry-run.
  since: time('When the drain first had this eviction refused.').exactOptional(),
  // Absent, as in earlier records: `now`.
  kind: choice(
    ['now', 'never'],
    'never: the spec of the budget allows no disruption, even with all its pods healthy.',
  ).exactOptional(),
  written: text('The limit as in the spec of the budget, such as "minAvailable: 3".', 100).exactOptional(),
  expected: count('Number of pods that the limit is computed from.').exactOptional(),
  unhealthy: flag(
    'The pod is not ready, and is kept only by unhealthyPodEvictionPolicy of the budget.',
  ).exactOptional(),
});
export type BudgetBlock = Stored<typeof budgetBlock>;

export const budgetBlocks = (description: string) => list(budgetBlock, description);

export const isNever = ({ kind }: BudgetBlock): boolean => kind === 'never';

/**
 * Only a change of a budget, or of the pods that it selects, can let the drain finish. Waiting or retrying
 * cannot.
 */
export const cannotEnd = ({ waiting }: Pick<DrainProgress, 'waiting'>): boolean => waiting.some(isNever);

export const drainProgress = z
  .object({
    at: time('When this was counted.'),
    total: count('Number of pods to evict.'),
    gone: count('Number of them that are gone.'),
    wentAt: time('When the number of gone pods last increased.').exactOptional(),
    leaving: names('Some of the pods that are terminating.'),
    waiting: budgetBlocks('Pods whose eviction a PodDisruptionBudget refuses.'),
    trouble: phrases('Other errors that are being retried, one sentence each.'),
    // Absent in records of earlier versions.
    kept: list(
      keptPod,
      'Pods that appeared after the first list of the drain, and are not evicted.',
    ).exactOptional(),
  })
  .meta({ description: 'Progress of the drain.' });
export type DrainProgress = Stored<typeof drainProgress>;

/**
 * A delay that the pool configures in addition to the drain. `over` is set by the first reconcile after
 * `until`.
 */
export const delay = z.object({
  since: time('When the delay began.'),
  until: time('When it ends.'),
  over: flag('Whether it is over.'),
});
export type Delay = Stored<typeof delay>;

/** The result of a finished drain. */
export const drainSummary = z
  .object({
    startedAt: time('When it began.'),
    endedAt: time('When the node was empty.'),
    pods: count('Number of pods that left the node.'),
  })
  .meta({ description: 'The drain.' });
export type DrainSummary = Stored<typeof drainSummary>;
