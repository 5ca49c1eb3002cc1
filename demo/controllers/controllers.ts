import { type JsonObject, numberAt, objectAt, sameJson } from '../kube/json.ts';
import { isTerminating, nameOf, namespaceOf, uidOf, versionOf } from '../kube/objects/object.ts';
import { budgetStatus } from './budget-status.ts';
import { type ClusterView, createClusterView } from '../world/cluster-view.ts';
import { type Access, createKubeClient } from '../world/kube-client.ts';
import { createLoop } from '../kubelet/loop.ts';
import { watchNodes } from './node-lifecycle.ts';
import { schedule } from './scheduler.ts';
import { type Timers, type Timing } from '../world/timers.ts';
import {
  reconcileDaemonSet,
  reconcileDeployment,
  reconcileReplicaSet,
  reconcileStatefulSet,
} from './workloads.ts';

export interface ControllersOptions extends Access {
  readonly timing: Timing;
  readonly timers: Timers;
  readonly onError: (error: unknown) => void;
}

export interface Running {
  stop(): void;
}

/** The controller manager and the scheduler, as far as a drain depends on them. */
export function startControllers({ url, token, timing, timers, onError }: ControllersOptions): Running {
  const stopping = new AbortController();
  const { signal } = stopping;
  const client = createKubeClient({ url, token, name: 'demo-controllers' });
  const view = createClusterView({ client, timers, signal, onChange: () => loop.poke() });
  const loop = createLoop({
    work: () => reconcile(view, timing.nodeGrace),
    onError,
    timers,
    signal,
    retryAfter: 100,
  });
  void tick(timing, timers, signal, loop.poke);
  return {
    stop() {
      stopping.abort();
      client.close();
    },
  };
}

/** An expired lease causes no event, so nodes are checked at an interval. */
async function tick(timing: Timing, timers: Timers, signal: AbortSignal, poke: () => void): Promise<void> {
  while (!signal.aborted) {
    await timers.sleep(timing.nodeGrace / 2, signal).catch(() => undefined);
    poke();
  }
}

async function reconcile(view: ClusterView, nodeGrace: number): Promise<void> {
  await Promise.all(
    [
      view.nodes,
      view.pods,
      view.deployments,
      view.replicaSets,
      view.statefulSets,
      view.daemonSets,
      view.budgets,
      view.leases,
    ].map((mirror) => mirror.ready),
  );
  await watchNodes(view, nodeGrace);
  const alive = (objects: readonly JsonObject[]): readonly JsonObject[] =>
    objects.filter((object) => !isTerminating(object));
  for (const deployment of alive(view.deployments.all())) await reconcileDeployment(view, deployment);
  for (const set of alive(view.replicaSets.all())) await reconcileReplicaSet(view, set);
  for (const set of alive(view.statefulSets.all())) await reconcileStatefulSet(view, set);
  for (const set of alive(view.daemonSets.all())) await reconcileDaemonSet(view, set);
  await schedule(view);
  for (const budget of view.budgets.all()) await reconcileBudget(view, budget);
}

async function reconcileBudget(view: ClusterView, budget: JsonObject): Promise<void> {
  const owners = [...view.replicaSets.all(), ...view.statefulSets.all()];
  const scaleOf = (uid: string): number | undefined => {
    const owner = owners.find((candidate) => uidOf(candidate) === uid);
    return owner === undefined ? undefined : numberAt(owner, 'spec', 'replicas');
  };
  const status = budgetStatus({ budget, pods: view.pods.all(), scaleOf, now: view.now() });
  if (sameJson(status, objectAt(budget, 'status'))) return;
  // With the resourceVersion that was read: an eviction in between must cause a conflict, not be overwritten.
  const body: JsonObject = { ...budget, apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', status };
  const path = `/apis/policy/v1/namespaces/${namespaceOf(budget)}/poddisruptionbudgets/${nameOf(budget)}/status`;
  if (versionOf(budget) !== '') await view.write(view.budgets, { method: 'PUT', path, body });
}
