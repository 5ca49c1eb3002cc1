/** Pods of a schedule: created, scheduled, started and ended, with budgets that are counted. */
import { budgetStatus } from '../../../demo/controllers/budget-status.ts';
import { chooseNode } from '../../../demo/controllers/scheduler.ts';
import { type JsonObject, objectAt, sameJson, textAt } from '../../../demo/kube/json.ts';
import { inSeconds, isTerminating, nameOf, uidOf } from '../../../demo/kube/objects/object.ts';
import type { Dice } from '../time/randomness.ts';
import type { VirtualTime } from '../time/virtual-time.ts';
import type { WorkloadPlan } from '../story/schedule.ts';
import type { ChaosCluster } from './chaos-cluster.ts';

export interface Workloads {
  powered(node: string, on: boolean): void;
  /** Pods that never end do, and budgets that were wrong are put right. */
  heal(): void;
}

interface Deps {
  readonly cluster: ChaosCluster;
  readonly time: VirtualTime;
  readonly dice: Dice;
  readonly plans: readonly WorkloadPlan[];
  readonly isOn: (node: string) => boolean;
}

const namespace = 'shop';

export function startWorkloads(deps: Deps): Workloads {
  const { cluster, time, plans } = deps;
  const { objects } = cluster.server;
  const owners = new Map<string, JsonObject>();
  const scale = new Map<string, number>();
  let isHealed = false;
  let nth = 0;
  let isQueued = false;
  for (const plan of plans) {
    const kind = plan.kind;
    if (kind === 'bare') continue;
    const owner = objects.create(kind, ownerObject(plan));
    owners.set(plan.name, owner);
    scale.set(uidOf(owner), plan.replicas);
  }
  for (const plan of plans)
    for (const [index, least] of plan.budgets.entries())
      objects.create('PodDisruptionBudget', budgetObject(plan, index, least));

  const createPod = (plan: WorkloadPlan, node?: string): void => {
    nth += 1;
    cluster.actor = 'world';
    objects.create('Pod', podObject({ plan, owner: owners.get(plan.name), nth, node, now: time.now() }));
  };
  const reconcile = (): void => {
    isQueued = false;
    cluster.actor = 'world';
    fill(deps, createPod);
    schedulePods(deps);
    for (const budget of objects.list('PodDisruptionBudget')) {
      const pods = objects.list('Pod');
      const status = budgetStatus({ budget, pods, scaleOf: (uid) => scale.get(uid), now: time.now() });
      if (!sameJson(status, objectAt(budget, 'status')))
        objects.replace('PodDisruptionBudget', { ...budget, status });
    }
  };
  const soon = (): void => {
    if (isQueued) return;
    isQueued = true;
    time.after(150, reconcile);
  };
  const end = (pod: JsonObject): void => {
    const plan = plans.find(({ name }) => name === textAt(pod, 'metadata', 'labels', 'app'));
    const lasts = (plan?.stopSeconds ?? 1) * 1000;
    // Forever: until somebody mends it.
    if (lasts >= 3_600_000 && !isHealed) return;
    time.after(isHealed ? 1_000 : lasts, () => {
      const now = cluster.get('Pod', `${namespace}/${nameOf(pod)}`);
      if (now === undefined || uidOf(now) !== uidOf(pod) || !deps.isOn(textAt(now, 'spec', 'nodeName')))
        return;
      cluster.actor = 'world';
      objects.remove('Pod', `${namespace}/${nameOf(pod)}`);
    });
  };
  const ending = (): readonly JsonObject[] => objects.list('Pod').filter(isTerminating);
  objects.subscribe('Pod', ({ type, object, previous }) => {
    if (type === 'MODIFIED' && isTerminating(object) && previous !== undefined && !isTerminating(previous))
      end(object);
    soon();
  });
  objects.subscribe('Node', soon);
  reconcile();
  return {
    powered(node, on) {
      if (!on) return;
      // Containers have gone with the boot: what was ending has ended.
      for (const pod of ending())
        if (textAt(pod, 'spec', 'nodeName') === node) time.after(3_000, () => end(pod));
      soon();
    },
    heal() {
      isHealed = true;
      cluster.actor = 'world';
      for (const budget of objects.list('PodDisruptionBudget'))
        objects.remove('PodDisruptionBudget', `${namespace}/${nameOf(budget)}`);
      for (const pod of ending()) end(pod);
      soon();
    },
  };
}

/** Replaces what is gone: at once, as a ReplicaSet does, and on each node for a DaemonSet. */
function fill({ cluster, plans }: Deps, create: (plan: WorkloadPlan, node?: string) => void): void {
  const pods = cluster.server.objects.list('Pod');
  const ofPlan = (plan: WorkloadPlan): readonly JsonObject[] =>
    pods.filter((pod) => textAt(pod, 'metadata', 'labels', 'app') === plan.name);
  for (const plan of plans) {
    if (plan.kind === 'bare') {
      if (ofPlan(plan).length === 0) create(plan);
      continue;
    }
    if (plan.kind === 'ReplicaSet') {
      const alive = ofPlan(plan).filter((pod) => !isTerminating(pod)).length;
      for (let index = alive; index < plan.replicas; index += 1) create(plan);
      continue;
    }
    for (const node of cluster.server.objects.list('Node')) {
      const has = ofPlan(plan).some((pod) => textAt(pod, 'spec', 'nodeName') === nameOf(node));
      if (!has) create(plan, nameOf(node));
    }
  }
}

function schedulePods({ cluster }: Deps): void {
  const { objects } = cluster.server;
  for (const pod of objects.list('Pod')) {
    if (textAt(pod, 'spec', 'nodeName') !== '' || isTerminating(pod)) continue;
    const node = chooseNode(pod, objects.list('Node'), objects.list('Pod'));
    if (node === undefined) continue;
    objects.replace('Pod', {
      ...pod,
      spec: { ...objectAt(pod, 'spec'), nodeName: node },
      status: runningStatus,
    });
  }
}

const runningStatus: JsonObject = {
  phase: 'Running',
  conditions: [
    { type: 'PodScheduled', status: 'True' },
    { type: 'ContainersReady', status: 'True' },
    { type: 'Ready', status: 'True' },
  ],
  containerStatuses: [{ name: 'c', image: 'i', imageID: 'i', ready: true, restartCount: 0, started: true }],
};

const ownerObject = ({ name, kind, replicas }: WorkloadPlan): JsonObject => ({
  apiVersion: 'apps/v1',
  kind,
  metadata: { name, namespace, labels: { app: name } },
  spec: {
    ...(kind === 'ReplicaSet' ? { replicas } : {}),
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
  },
});

const budgetObject = ({ name }: WorkloadPlan, index: number, least: number): JsonObject => ({
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: `${name}-${index}`, namespace },
  spec: { minAvailable: least, selector: { matchLabels: { app: name } } },
});

interface NewPod {
  readonly plan: WorkloadPlan;
  readonly owner: JsonObject | undefined;
  readonly nth: number;
  readonly node: string | undefined;
  readonly now: number;
}

function podObject({ plan, owner, nth, node, now }: NewPod): JsonObject {
  const tolerates = plan.kind === 'DaemonSet' || plan.toleratesCordon;
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `${plan.name}-${nth}`,
      namespace,
      labels: { app: plan.name },
      ...(owner === undefined
        ? {}
        : {
            ownerReferences: [
              {
                apiVersion: 'apps/v1',
                kind: plan.kind,
                name: plan.name,
                uid: uidOf(owner),
                controller: true,
                blockOwnerDeletion: true,
              },
            ],
          }),
    },
    spec: {
      containers: [{ name: 'c', image: 'i' }],
      ...(node === undefined ? {} : { nodeName: node }),
      ...(tolerates ? { tolerations: [{ operator: 'Exists' }] } : {}),
    },
    ...(node === undefined ? {} : { status: { ...runningStatus, startTime: inSeconds(now) } }),
  };
}
