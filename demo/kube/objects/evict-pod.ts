import { deleteObject, type DeleteOptions, readDeleteOptions } from './deletes.ts';
import { type Budget, type EvictionVerdict, judgeEviction } from './eviction.ts';
import { at, type Json, type JsonObject, listAt, numberAt, objectAt, stringsAt, textAt } from '../json.ts';
import {
  conditionStatus,
  generationOf,
  inSeconds,
  isTerminating,
  nameOf,
  namespaceOf,
  uidOf,
} from './object.ts';
import { readLabelSelector } from '../lists/selectors.ts';
import { badRequest, forbidden, plainFailure, tooManyRequests } from '../status-error.ts';
import {
  checkNamespaceAccepts,
  checkNamespaceMatches,
  type Cluster,
  readObject,
  type Target,
} from './writes.ts';

const success: JsonObject = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success', code: 201 };
const budgets = 'poddisruptionbudgets.policy';
const budgetNames = { group: 'policy', plural: 'poddisruptionbudget', kind: 'PodDisruptionBudget' };

/** `POST …/pods/NAME/eviction`: deletes the pod unless a budget forbids it. */
export function evictPod(cluster: Cluster, target: Target, body: Json, query: URLSearchParams): JsonObject {
  checkNamespaceMatches(objectAt(body), target.namespace);
  // An eviction is a create, which a terminating namespace refuses, even for a pod that does not exist.
  checkNamespaceAccepts(cluster, target, target.name);
  const version = textAt(body, 'apiVersion');
  if (version !== '' && version !== 'policy/v1' && version !== 'policy/v1beta1')
    throw badRequest(`no kind "Eviction" is registered for version "${version}"`);
  if (textAt(body, 'metadata', 'name') !== target.name)
    throw badRequest('name in URL does not match name in Eviction object');
  const asked = readDeleteOptions(at(body, 'deleteOptions'));
  const options: DeleteOptions = { ...asked, dryRun: asked.dryRun || query.get('dryRun') === 'All' };
  const pod = readObject(cluster, target);
  const matching = budgetsOf(cluster, pod);
  const verdict = judgeEviction(
    {
      phase: textAt(pod, 'status', 'phase'),
      terminating: isTerminating(pod),
      ready: conditionStatus(pod, 'Ready') === 'True',
    },
    matching.map(readBudget),
  );
  const [budget] = matching;
  refuseIf(verdict, budget);
  // As in the real server, the disruption is booked before the preconditions of the delete are checked.
  if (verdict.kind === 'allowed-by-budget' && budget !== undefined && !options.dryRun)
    bookDisruption(cluster, budget, target.name);
  if (!options.dryRun) markTarget(cluster, target, options);
  deleteObject(cluster, target, options);
  return success;
}

function budgetsOf(cluster: Cluster, pod: JsonObject): readonly JsonObject[] {
  const labels = stringsAt(pod, 'metadata', 'labels');
  const all = cluster.store.list(budgets, { namespace: namespaceOf(pod) });
  return all.filter((budget) => readLabelSelector(at(budget, 'spec', 'selector'))(labels));
}

const readBudget = (budget: JsonObject): Budget => ({
  name: nameOf(budget),
  generation: generationOf(budget),
  observedGeneration: numberAt(budget, 'status', 'observedGeneration') ?? 0,
  disruptionsAllowed: numberAt(budget, 'status', 'disruptionsAllowed') ?? 0,
  currentHealthy: numberAt(budget, 'status', 'currentHealthy') ?? 0,
  desiredHealthy: numberAt(budget, 'status', 'desiredHealthy') ?? 0,
  disruptedPods: Object.keys(objectAt(budget, 'status', 'disruptedPods')).length,
  unhealthyPods:
    textAt(budget, 'spec', 'unhealthyPodEvictionPolicy') === 'AlwaysAllow'
      ? 'AlwaysAllow'
      : 'IfHealthyBudget',
});

const wouldViolate = "Cannot evict pod as it would violate the pod's disruption budget.";

function refuseIf(verdict: EvictionVerdict, budget: JsonObject | undefined): void {
  const name = budget === undefined ? '' : nameOf(budget);
  const cause = (message: string): { reason: string; message: string } => ({
    reason: 'DisruptionBudget',
    message,
  });
  switch (verdict.kind) {
    case 'several-budgets':
      throw plainFailure(
        500,
        'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.',
      );
    case 'budget-not-observed':
      throw tooManyRequests(wouldViolate, 10, [
        cause(`The disruption budget ${name} is still being processed by the server.`),
      ]);
    case 'budget-broken':
      throw forbidden(budgetNames, name, verdict.why);
    case 'budget-exhausted': {
      const needed = numberAt(budget, 'status', 'desiredHealthy') ?? 0;
      const healthy = numberAt(budget, 'status', 'currentHealthy') ?? 0;
      throw tooManyRequests(wouldViolate, 0, [
        cause(`The disruption budget ${name} needs ${needed} healthy pods and has ${healthy} currently`),
      ]);
    }
    case 'allowed':
    case 'allowed-unchanged':
    case 'allowed-by-budget':
  }
}

/**
 * Records the pod in the budget's status, so that the disruption controller no longer counts it as healthy.
 */
function bookDisruption(cluster: Cluster, budget: JsonObject, pod: string): void {
  const status = objectAt(budget, 'status');
  const disruptionsAllowed = (numberAt(status, 'disruptionsAllowed') ?? 0) - 1;
  const disruptedPods = { ...objectAt(status, 'disruptedPods'), [pod]: inSeconds(cluster.now()) };
  cluster.store.put(budgets, { ...budget, status: { ...status, disruptionsAllowed, disruptedPods } });
}

/** Sets the pod's DisruptionTarget condition. Skipped if the preconditions of the delete do not hold. */
function markTarget(cluster: Cluster, target: Target, options: DeleteOptions): void {
  const pod = readObject(cluster, target);
  if (isTerminating(pod) || options.resourceVersion !== undefined) return;
  if (options.uid !== undefined && options.uid !== uidOf(pod)) return;
  const condition: JsonObject = {
    type: 'DisruptionTarget',
    status: 'True',
    lastTransitionTime: inSeconds(cluster.now()),
    reason: 'EvictionByEvictionAPI',
    message: 'Eviction API: evicting',
  };
  const others = listAt(pod, 'status', 'conditions').filter(
    (existing) => textAt(existing, 'type') !== 'DisruptionTarget',
  );
  cluster.store.put('pods', {
    ...pod,
    status: { ...objectAt(pod, 'status'), conditions: [...others, condition] },
  });
}
