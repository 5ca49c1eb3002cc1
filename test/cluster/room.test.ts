import type { V1Node, V1Pod } from '@kubernetes/client-node';
import { beforeAll, expect, it } from 'vitest';
import { bodyOrThrow, type KubeRequest } from '../../src/k8s/api/client.ts';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import type { Received } from '../../src/k8s/api/received.ts';
import { placeOf } from '../../src/k8s/placement/placement.ts';
import { allocatableOf, requestsOfPod, constraintsOf } from '../../src/k8s/placement/resource-requests.ts';
import { noUsage, place } from '../../src/k8s/impact/room-fit.ts';
import { until } from '../k8s/world/until.ts';
import { onCluster, passiveControllers } from './harness/on-cluster.ts';

const container = (cpu: string, more: object = {}): object => ({
  name: `c${Math.abs(Number.parseInt(cpu, 10))}`,
  image: 'main',
  resources: { requests: { cpu, memory: '8Mi' } },
  ...more,
});
const sidecar = (cpu: string, name: string): object => ({
  ...container(cpu, { restartPolicy: 'Always' }),
  name,
});

/** Pods that a naive sum gets wrong. */
const pods: Readonly<Record<string, object>> = {
  containers: { containers: [container('100m'), container('250m')] },
  'a greedy init container': { initContainers: [container('900m')], containers: [container('200m')] },
  sidecars: { initContainers: [sidecar('300m', 's')], containers: [container('200m')] },
  'an init container after a sidecar': {
    initContainers: [sidecar('300m', 's'), container('700m')],
    containers: [container('200m')],
  },
  'an init container before a sidecar': {
    initContainers: [container('700m'), sidecar('300m', 's')],
    containers: [container('200m')],
  },
  'limits alone': { containers: [{ name: 'main', image: 'main', resources: { limits: { cpu: '350m' } } }] },
  'a fraction of a thousandth': { containers: [container('0.1001')] },
  'resources of the whole pod': {
    resources: { requests: { cpu: '750m' } },
    containers: [container('100m')],
  },
  'the overhead of its runtime': { runtimeClassName: 'heavy', containers: [container('100m')] },
};

const affinity = (key: string, operator: string, ...values: readonly string[]): object => {
  const expression = { key, operator, ...(values.length === 0 ? {} : { values }) };
  const terms = { nodeSelectorTerms: [{ matchExpressions: [expression] }] };
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: terms } } };
};
const tolerating = (toleration: object): object => ({ tolerations: [toleration] });
const gpu = { key: 'gpu', value: 'a100', effect: 'NoSchedule' };
const leaving = { ...gpu, effect: 'NoExecute' };

/** On a node with the labels `disk: ssd`, `cores: "8"` and `odd: x1`, and this taint if any. */
const wishes: readonly (readonly [string, object, object?])[] = [
  ['a selector that matches', { nodeSelector: { disk: 'ssd' } }],
  ['a selector that does not', { nodeSelector: { disk: 'hdd' } }],
  ['In', affinity('disk', 'In', 'hdd', 'ssd')],
  ['In, not', affinity('disk', 'In', 'hdd')],
  ['NotIn', affinity('disk', 'NotIn', 'ssd')],
  ['NotIn of a label that is not there', affinity('zone', 'NotIn', 'a')],
  ['Exists', affinity('disk', 'Exists')],
  ['Exists, not', affinity('zone', 'Exists')],
  ['DoesNotExist', affinity('zone', 'DoesNotExist')],
  ['Gt', affinity('cores', 'Gt', '7')],
  ['Gt, not', affinity('cores', 'Gt', '8')],
  ['Lt', affinity('cores', 'Lt', '9')],
  ['Gt of what is no number', affinity('odd', 'Gt', '0')],
  ['Lt of a label that is not there', affinity('zone', 'Lt', '9')],
  ['a taint', {}, gpu],
  ['a taint that only asks', {}, { ...gpu, effect: 'PreferNoSchedule' }],
  ['a toleration of its value', tolerating({ key: 'gpu', value: 'a100', effect: 'NoSchedule' }), gpu],
  ['a toleration of another value', tolerating({ key: 'gpu', value: 'h100' }), gpu],
  ['a toleration of the key', tolerating({ key: 'gpu', operator: 'Exists' }), gpu],
  ['a toleration of everything', tolerating({ operator: 'Exists' }), gpu],
  [
    'a toleration of another effect',
    tolerating({ key: 'gpu', operator: 'Exists', effect: 'NoExecute' }),
    gpu,
  ],
  ['a toleration of a taint that sends away', tolerating({ key: 'gpu', operator: 'Exists' }), leaving],
];

const needs = {
  controllers: passiveControllers,
  scheduler: true,
  notOnGiven: 'it wants to say what its nodes have to give',
};

onCluster('room, as the scheduler sees it', needs, (cluster) => {
  const ask = async (request: KubeRequest): Promise<unknown> =>
    bodyOrThrow(await cluster().admin.send(request), `${request.method} ${request.path}`);
  const podsPath = '/api/v1/namespaces/default/pods';

  beforeAll(async () => {
    const overhead = { podFixed: { cpu: '130m', memory: '1Mi' } };
    const body = {
      apiVersion: 'node.k8s.io/v1',
      kind: 'RuntimeClass',
      metadata: { name: 'heavy' },
      handler: 'heavy',
      overhead,
    };
    await ask({ method: 'POST', path: '/apis/node.k8s.io/v1/runtimeclasses', body });
  });

  async function addNode(
    name: string,
    cpu: string,
    taints: readonly object[] = [],
  ): Promise<Received<V1Node>> {
    const size = { cpu, memory: '1Gi', pods: '10' };
    const status = { capacity: size, allocatable: size, conditions: [{ type: 'Ready', status: 'True' }] };
    const labels = { only: name, disk: 'ssd', cores: '8', odd: 'x1' };
    const body = { apiVersion: 'v1', kind: 'Node', metadata: { name, labels }, status };
    await ask({ method: 'POST', path: '/api/v1/nodes', body });
    // The node controller, which is not here, would take its taint away.
    const path = `/api/v1/nodes/${name}`;
    const node = await ask({ method: 'PATCH', path, patch: 'merge', body: { spec: { taints } } });
    return node as Received<V1Node>;
  }

  async function addPod(name: string, spec: object): Promise<Received<V1Pod>> {
    const body = { apiVersion: 'v1', kind: 'Pod', metadata: { name }, spec };
    return (await ask({ method: 'POST', path: podsPath, body })) as Received<V1Pod>;
  }

  /**
   * The node that the scheduler chooses once its cache has all nodes: it may receive a new one a moment
   * later.
   */
  async function decided(name: string): Promise<string | undefined> {
    let node: string | undefined;
    const all = listAt(await ask({ method: 'GET', path: '/api/v1/nodes' }), 'items').length;
    await until(
      `the scheduler has decided about ${name}`,
      async () => {
        const pod = await ask({ method: 'GET', path: `${podsPath}/${name}` });
        node = textAt(pod, 'spec', 'nodeName');
        return (
          node !== undefined ||
          listAt(pod, 'status', 'conditions').some(
            (condition) =>
              textAt(condition, 'type') === 'PodScheduled' &&
              textAt(condition, 'message')?.startsWith(`0/${all} nodes`) === true,
          )
        );
      },
      20_000,
    );
    return node;
  }

  it.each(Object.entries(pods).map(([what, spec], nth) => ({ what, spec, nth })))(
    '$what: it fits where there is exactly so much, and not where there is a thousandth less',
    async ({ spec, nth }) => {
      const seen = await addPod(`seen-${nth}`, { ...spec, schedulerName: 'nobody' });
      const requests = requestsOfPod(seen);
      const cpu = requests.get('cpu') ?? 0;
      for (const [where, size] of [
        ['exact', cpu],
        ['less', cpu - 1],
      ] as const) {
        const name = `${where}-${nth}`;
        const node = await addNode(name, `${size}m`);
        const pod = await addPod(name, { ...spec, nodeSelector: { only: name } });
        const home = placeOf(node);
        if (!home) throw new Error('the node takes no pods');
        const space = { ...home, allocatable: allocatableOf(node) };
        const mover = { title: name, requests, constraints: constraintsOf(pod) };
        const { placed } = place([mover], [{ space, usage: noUsage }]);
        expect(await decided(name)).toBe(placed.get(mover)?.name);
        expect(placed.size).toBe(where === 'exact' ? 1 : 0);
      }
    },
  );

  it.each(wishes.map(([what, spec, taint], nth) => ({ what, spec, taint, nth })))(
    '$what: it may go there, or not, as the scheduler has it',
    async ({ spec, taint, nth }) => {
      const name = `wish-${nth}`;
      const node = await addNode(name, '1', taint === undefined ? [] : [taint]);
      const there = { only: name, ...(spec as { nodeSelector?: object }).nodeSelector };
      const pod = await addPod(name, { ...spec, containers: [container('100m')], nodeSelector: there });
      const home = placeOf(node);
      if (!home) throw new Error('the node takes no pods');
      const mover = { title: name, requests: requestsOfPod(pod), constraints: constraintsOf(pod) };
      const space = { ...home, allocatable: allocatableOf(node) };
      const { placed } = place([mover], [{ space, usage: noUsage }]);
      expect(await decided(name)).toBe(placed.get(mover)?.name);
    },
  );
});
