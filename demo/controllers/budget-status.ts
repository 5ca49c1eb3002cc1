import { at, type Json, type JsonObject, listAt, objectAt, stringsAt, textAt } from '../kube/json.ts';
import { generationOf, inSeconds, isTerminating, nameOf, namespaceOf } from '../kube/objects/object.ts';
import { readLabelSelector } from '../kube/lists/selectors.ts';
import { controllerUid, isReady } from './owned-pods.ts';

/** Milliseconds after which the disruption controller drops a booked eviction whose pod was not deleted. */
const disruptionTimeout = 120_000;

export interface BudgetView {
  readonly budget: JsonObject;
  readonly pods: readonly JsonObject[];
  /** Desired number of pods of a controller, by its UID. */
  readonly scaleOf: (controller: string) => number | undefined;
  readonly now: number;
}

/** The status of a PodDisruptionBudget, as the disruption controller computes it. Pure. */
export function budgetStatus({ budget, pods, scaleOf, now }: BudgetView): JsonObject {
  const matches = readLabelSelector(at(budget, 'spec', 'selector'));
  const matching = pods.filter(
    (pod) => namespaceOf(pod) === namespaceOf(budget) && matches(stringsAt(pod, 'metadata', 'labels')),
  );
  const { expected, desired } = demand(budget, matching, scaleOf);
  const disrupted = stillDisrupted(objectAt(budget, 'status', 'disruptedPods'), matching, now);
  const healthy = matching.filter(
    (pod) => !isTerminating(pod) && isReady(pod) && !Object.hasOwn(disrupted, nameOf(pod)),
  ).length;
  const allowed = expected <= 0 ? 0 : Math.max(0, healthy - desired);
  return {
    observedGeneration: generationOf(budget),
    disruptionsAllowed: allowed,
    currentHealthy: healthy,
    desiredHealthy: desired,
    expectedPods: expected,
    ...(Object.keys(disrupted).length === 0 ? {} : { disruptedPods: disrupted }),
    conditions: [condition(budget, allowed > 0, now)],
  };
}

/** The expected number of pods, and how many of them must be healthy. */
function demand(
  budget: JsonObject,
  pods: readonly JsonObject[],
  scaleOf: BudgetView['scaleOf'],
): { expected: number; desired: number } {
  const least = at(budget, 'spec', 'minAvailable');
  const most = at(budget, 'spec', 'maxUnavailable');
  // Only an absolute `minAvailable` can be computed without the expected number of pods.
  if (typeof least === 'number') return { expected: pods.length, desired: least };
  const controllers = new Set(pods.map(controllerUid));
  const expected = [...controllers].reduce((sum, uid) => sum + (scaleOf(uid) ?? 0), 0);
  if (most !== undefined) return { expected, desired: Math.max(0, expected - share(most, expected)) };
  return { expected, desired: share(least ?? 1, expected) };
}

/** Percentages are rounded up, for minAvailable and maxUnavailable alike. */
function share(value: Json, of: number): number {
  if (typeof value === 'number') return value;
  return typeof value === 'string' ? Math.ceil((Number.parseInt(value, 10) * of) / 100) : 0;
}

/** Evictions that the server has booked and whose pods are not terminating yet. */
function stillDisrupted(booked: JsonObject, pods: readonly JsonObject[], now: number): JsonObject {
  const kept: Record<string, Json> = {};
  for (const pod of pods) {
    const since = textAt(booked, nameOf(pod));
    if (since === '' || isTerminating(pod) || createdAfter(pod, since)) continue;
    if (now - Date.parse(since) < disruptionTimeout) kept[nameOf(pod)] = since;
  }
  return kept;
}

/**
 * A StatefulSet's new pod has the name of the old one. The real controller observes the termination of the
 * old one first, since that takes longer than a sync; here it may not. Both times are whole seconds, and an
 * eviction makes its pod terminate at once.
 */
const createdAfter = (pod: JsonObject, since: string): boolean =>
  Date.parse(textAt(pod, 'metadata', 'creationTimestamp')) >= Date.parse(since);

function condition(budget: JsonObject, allowed: boolean, now: number): JsonObject {
  const status = allowed ? 'True' : 'False';
  const [existing] = listAt(budget, 'status', 'conditions');
  const since = textAt(existing, 'status') === status ? textAt(existing, 'lastTransitionTime') : '';
  return {
    type: 'DisruptionAllowed',
    status,
    reason: allowed ? 'SufficientPods' : 'InsufficientPods',
    message: '',
    lastTransitionTime: since === '' ? inSeconds(now) : since,
    observedGeneration: generationOf(budget),
  };
}
