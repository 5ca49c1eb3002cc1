import { parseStatus } from '../../../src/k8s/api/kube-status.ts';
import { listAll } from '../../../src/k8s/api/pages.ts';
import { paths } from '../../../src/k8s/api/paths.ts';
import type { KubeClient } from '../../../src/k8s/api/client.ts';
import { watchedNode } from '../../../src/k8s/nodes/read-node.ts';
import { budgetView } from '../../../src/k8s/pods/budget-view.ts';
import { podView } from '../../../src/k8s/pods/pod-view.ts';
import { PortError } from '../../../src/reboot/ports/port-error.ts';
import { parseSelector } from '../../../src/reboot/policy/selector.ts';
import { readSignals } from '../../../src/reboot/signals/signals.ts';
import { at, noon } from '../../fakes/builders.ts';
import { type Door, jsonOf, refused, taken } from '../door.ts';

const node = {
  metadata: {
    name: 'worker-1',
    uid: 'u1',
    resourceVersion: '7',
    labels: { 'topology.kubernetes.io/zone': 'a' },
    annotations: {
      'tugboot.dev/reboot-requested': 'kernel panic',
      'tugboot.dev/requested-by': 'kubernetes-admin',
      'tugboot.dev/cordoned-by': 'worker-1-0123456789',
    },
  },
  spec: { unschedulable: true, taints: [{ key: 'tugboot.dev/reboot', value: 'x', effect: 'NoSchedule' }] },
  status: {
    nodeInfo: { bootID: 'boot-1', kernelVersion: '6.8.0-45-generic', osImage: 'Ubuntu 24.04.1 LTS' },
    conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at(0) }],
  },
};

export const annotations: Door = {
  name: 'annotations',
  what: 'Nodes: their annotations, labels, taints and conditions, which people and other tools write',
  seeds: [JSON.stringify(node)],
  tokens: [
    'tugboot.dev/',
    'reboot-requested',
    'cordoned-by',
    'labels',
    'annotations',
    'taints',
    'conditions',
  ],
  enter(input) {
    const value = jsonOf(input);
    if (typeof value !== 'object' || value === null) return taken;
    try {
      const { view } = watchedNode(value);
      readSignals([], { node: view, report: undefined, now: noon });
      return taken;
    } catch (error) {
      if (error instanceof PortError) return refused(/^The Node [^]* cannot be read/, error.message);
      throw error;
    }
  },
};

export const selectors: Door = {
  name: 'selectors',
  what: 'label selectors, in the configuration and typed in Slack',
  seeds: ['zone=a', '!spot,zone in (a, b)', 'pool notin (db),gpu', 'x!=y', 'a==b'],
  tokens: [' in (', ' notin (', '!=', '==', ',', '!', '(', ')', 'kubernetes.io/'],
  enter(input) {
    const parsed = parseSelector(input);
    return 'problem' in parsed ? refused(/\w/, parsed.problem) : taken;
  },
};

const pod = {
  metadata: {
    name: 'app-1',
    namespace: 'team',
    uid: 'p1',
    labels: { app: 'a' },
    annotations: { 'tugboot.dev/evict': 'never' },
    ownerReferences: [{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'app', uid: 'r', controller: true }],
  },
  spec: {
    nodeName: 'worker-1',
    tolerations: [{ operator: 'Exists' }],
    containers: [{ name: 'app', resources: { requests: { cpu: '50m', memory: '64Mi' } } }],
    volumes: [{ name: 'x', emptyDir: {} }],
    priority: 0,
  },
  status: { phase: 'Running', conditions: [{ type: 'Ready', status: 'True' }] },
};
const budget = {
  metadata: { name: 'b', namespace: 'team', generation: 1 },
  spec: { maxUnavailable: '10%', selector: { matchLabels: { app: 'a' }, matchExpressions: [] } },
  status: {
    disruptionsAllowed: 1,
    currentHealthy: 9,
    desiredHealthy: 8,
    expectedPods: 10,
    observedGeneration: 1,
  },
};

const clientOf = (body: unknown): KubeClient => ({
  send: async () => ({ ok: true, body }),
  async *watch() {
    yield* [];
  },
  close: async () => undefined,
});

export const answers: Door = {
  name: 'api-answers',
  what: 'answers of the API server, and of proxies in front of it: lists, pods, budgets and errors',
  seeds: [
    JSON.stringify({ kind: 'PodList', metadata: { resourceVersion: '9' }, items: [pod, budget] }),
    JSON.stringify({
      kind: 'Status',
      code: 429,
      reason: 'TooManyRequests',
      message: 'Cannot evict pod',
      details: {
        retryAfterSeconds: 10,
        causes: [{ reason: 'DisruptionBudget', message: 'needs 8 healthy' }],
      },
    }),
    '<html><body>503 Service Unavailable</body></html>',
  ],
  tokens: ['items', 'metadata', 'resourceVersion', 'status', 'spec', 'matchLabels', 'continue', 'conditions'],
  async enter(input) {
    const status = parseStatus(500, input, undefined);
    if (typeof status.message !== 'string' || status.message.length > 20_000)
      throw new Error('the message of a status is unbounded');
    const body = jsonOf(input);
    try {
      const reduce = (object: object): unknown => [podView(object), budgetView(object)];
      await listAll(clientOf(body), { path: paths.pods }, reduce as never);
      return taken;
    } catch (error) {
      if (error instanceof PortError)
        return refused(/\/api\/v1\/pods|^The \w+ [^]* cannot be read/, error.message);
      throw error;
    }
  },
};
