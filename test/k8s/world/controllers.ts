import { createReflector } from '../../../src/k8s/watch/reflector.ts';
import type { KubeClient } from '../../../src/k8s/api/client.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import type { Json } from '../../../demo/kube/json.ts';
import { readLabelSelector } from '../../../demo/kube/lists/selectors.ts';
import { podView, type PodView } from '../../../src/k8s/pods/pod-view.ts';
import { silentLogger } from '../../fakes/silent-logger.ts';
import { realSleep, systemClock } from './api.ts';

interface BudgetSpec {
  readonly namespace: string;
  readonly name: string;
  readonly generation: number;
  readonly needed: number;
  readonly selector: Json | undefined;
}

export interface Controllers {
  /** Pods by `namespace/name` that do not end although they should. */
  readonly stuck: Set<string>;
  /** Stops counting budgets, as a controller manager that is away. */
  countBudgets: boolean;
  stop(): Promise<void>;
}

/**
 * The smallest kubelet (ends pods that are being deleted) and disruption controller (counts budgets) that a
 * drain needs.
 */
export async function startControllers(admin: KubeClient): Promise<Controllers> {
  const over = new AbortController();
  const controllers = { stuck: new Set<string>(), countBudgets: true };
  const work = new Set<Promise<unknown>>();
  const begin = (job: Promise<unknown>): void => {
    const tracked = job.catch(() => undefined).finally(() => work.delete(tracked));
    work.add(tracked);
  };
  const deps = {
    client: admin,
    clock: systemClock,
    sleep: realSleep,
    random: Math.random,
    logger: silentLogger,
  };

  const end = async (pod: PodView): Promise<void> => {
    if (controllers.stuck.has(`${pod.namespace}/${pod.name}`)) return;
    const body = { preconditions: { uid: pod.uid }, gracePeriodSeconds: 0 };
    await admin.send({ method: 'DELETE', path: paths.pod(pod.namespace, pod.name), body });
  };

  const count = async (budget: BudgetSpec): Promise<void> => {
    if (!controllers.countBudgets) return;
    const matches = readLabelSelector(budget.selector);
    const covered = [...pods.values()].filter(
      (pod) => pod.namespace === budget.namespace && matches(pod.labels),
    );
    const healthy = covered.filter((pod) => pod.ready && pod.deletesAt === undefined).length;
    const status = {
      observedGeneration: budget.generation,
      desiredHealthy: budget.needed,
      currentHealthy: healthy,
      expectedPods: covered.length,
      disruptionsAllowed: Math.max(0, healthy - budget.needed),
    };
    const path = `/apis/policy/v1/namespaces/${budget.namespace}/poddisruptionbudgets/${budget.name}/status`;
    await admin.send({ method: 'PATCH', path, patch: 'merge', body: { status } });
  };
  const countAll = (): void => {
    for (const budget of budgets.values()) begin(count(budget));
  };

  const pods = createReflector(
    {
      what: 'pods',
      path: paths.pods,
      reduce: podView,
      keyOf: ({ metadata }) => metadata?.uid ?? '',
      onChange: (uid) => {
        const pod = pods.get(uid);
        if (pod?.deletesAt !== undefined) begin(end(pod));
        countAll();
      },
    },
    deps,
  );
  const budgets = createReflector(
    {
      what: 'budgets',
      path: paths.budgets,
      reduce: ({ metadata, spec }): BudgetSpec => ({
        namespace: metadata?.namespace ?? '',
        name: metadata?.name ?? '',
        generation: metadata?.generation ?? 0,
        needed: Number(spec?.minAvailable ?? 0),
        selector: spec?.selector as unknown as Json | undefined,
      }),
      keyOf: ({ metadata }) => metadata?.uid ?? '',
      onChange: countAll,
    },
    deps,
  );
  const running = Promise.all([pods.run(over.signal), budgets.run(over.signal)]);
  await Promise.all([pods.listed, budgets.listed]);
  return Object.assign(controllers, {
    async stop() {
      over.abort();
      await running;
      await Promise.all(work);
    },
  });
}
