/**
 * What people, the bot, agents, kubelets and controllers try to write, and whether the admission policies of
 * the chart let them.
 */
import type { Json, JsonObject } from '../../demo/kube/json.ts';
import { aReboot } from '../fakes/builders.ts';
import { newRebootObject, storedStatusOf } from '../../src/k8s/records/reboot-object.ts';
import { jsonPatch, mergePatch } from '../demo/kube/raw-kube.ts';
import { installation } from './harness/install-chart.ts';

export const actors = ['mia', 'bot', 'agent', 'kubelet', 'cloud'] as const;
export type Actor = (typeof actors)[number];

export interface Attempt {
  readonly who: Actor;
  readonly what: string;
  /** Part of the sentence with which it is refused; absent where it is allowed. */
  readonly refused?: string;
  readonly method: string;
  readonly path: string;
  readonly body: Json;
  readonly type?: string;
}

export const names = {
  node: 'n1',
  reboot: 'n1-0123456789',
  other: 'n1-abcdefabcd',
} as const;

const paths = {
  node: `/api/v1/nodes/${names.node}`,
  nodeStatus: `/api/v1/nodes/${names.node}/status`,
  reboots: '/apis/tugboot.dev/v1alpha1/reboots',
  agents: '/apis/tugboot.dev/v1alpha1/nodeagents',
  configMaps: `/api/v1/namespaces/${installation}/configmaps`,
} as const;

export const rebootBody = (name: string, changes: JsonObject = {}): JsonObject => {
  const body = newRebootObject(aReboot({ name, node: { name: names.node, uid: 'uid-n1' } })) as JsonObject;
  return { ...body, spec: { ...(body['spec'] as JsonObject), ...changes } };
};

type Who = Pick<Attempt, 'who' | 'what'> & { readonly refused?: string };

const create = (path: string, body: Json) => ({ method: 'POST', path, body });
const merge = (path: string, body: Json) => ({ method: 'PATCH', path, body, type: mergePatch });
const patch = (path: string, body: Json) => ({ method: 'PATCH', path, body, type: jsonPatch });
const annotate = (annotations: JsonObject, path: string = paths.node) =>
  merge(path, { metadata: { annotations } });
const wish = { 'tugboot.dev/reboot-requested': 'new firmware' };
const by = (name: string): JsonObject => ({ ...wish, 'tugboot.dev/requested-by': name });
const condition = (type: string) => ({ type, status: 'True', reason: 'Test', message: '' });
const addCondition = (type: string) =>
  patch(paths.nodeStatus, [{ op: 'add', path: '/status/conditions/-', value: condition(type) }]);
const taint = (key: string, effect: string) =>
  patch(paths.node, [{ op: 'add', path: '/spec/taints/-', value: { key, effect } }]);
const configMap = (name: string) =>
  create(paths.configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data: {} });

const row = (who: Who, request: Omit<Attempt, keyof Who>): Attempt => ({ ...who, ...request });
const may = (who: Actor, what: string, request: Omit<Attempt, keyof Who>): Attempt =>
  row({ who, what }, request);
const mayNot = (who: Actor, what: string, refused: string, request: Omit<Attempt, keyof Who>): Attempt =>
  row({ who, what, refused }, request);

const status = storedStatusOf(aReboot()) as Json;
const asks = (person: JsonObject): JsonObject => {
  const asked = rebootBody(names.other)['spec'] as { asked: { need: JsonObject; facts: JsonObject } };
  return { asked: { ...asked.asked, need: { ...asked.asked.need, person } } };
};
const at = '2026-11-22T12:00:00.000Z';

const reboots: readonly Attempt[] = [
  may('bot', 'creates a Reboot', create(paths.reboots, rebootBody(names.other))),
  mayNot(
    'mia',
    'creates a Reboot',
    'Tugboot alone creates Reboots',
    create(paths.reboots, rebootBody(names.other)),
  ),
  mayNot(
    'bot',
    'creates a Reboot with a name of its own choice',
    'named after its node',
    create(paths.reboots, rebootBody('n1-please')),
  ),
  mayNot(
    'bot',
    "creates a Reboot under another node's name",
    'named after its node',
    create(paths.reboots, rebootBody('n2-0123456789')),
  ),
  may(
    'bot',
    'creates a Reboot that a person of Slack asks for',
    create(paths.reboots, rebootBody(names.other, asks({ by: { kind: 'user', id: 'U1', name: 'mia' }, at }))),
  ),
  may(
    'bot',
    'creates a Reboot that a user of Kubernetes asks for',
    create(paths.reboots, rebootBody(names.other, asks({ by: { kind: 'kubernetes', name: 'mia' }, at }))),
  ),
  mayNot(
    'bot',
    'gives a user of Kubernetes an id of Slack',
    'who has none',
    create(
      paths.reboots,
      rebootBody(names.other, asks({ by: { kind: 'kubernetes', id: 'U1', name: 'mia' }, at })),
    ),
  ),
  may('bot', 'writes the status of a Reboot', merge(`${paths.reboots}/${names.reboot}/status`, { status })),
  mayNot(
    'mia',
    'writes the status of a Reboot',
    'Tugboot alone writes the status',
    merge(`${paths.reboots}/${names.reboot}/status`, { status }),
  ),
  mayNot(
    'mia',
    'moves a Reboot to another pool',
    'Tugboot alone writes the spec',
    merge(`${paths.reboots}/${names.reboot}`, { spec: { pool: 'lax' } }),
  ),
  may(
    'mia',
    'labels a Reboot',
    merge(`${paths.reboots}/${names.reboot}`, { metadata: { labels: { ticket: 'OPS-1' } } }),
  ),
  may('mia', 'deletes a Reboot', {
    method: 'DELETE',
    path: `${paths.reboots}/${names.reboot}`,
    body: { dryRun: ['All'] },
  }),
];

const agent = `${paths.agents}/${names.node}`;
const report = {
  status: {
    required: 'no',
    packages: [],
    packagesLeftOut: 0,
    kernel: { running: '6.8' },
    bootId: 'boot-1',
    agent: '0.1.0',
  },
};
const nodeAgent = {
  apiVersion: 'tugboot.dev/v1alpha1',
  kind: 'NodeAgent',
  metadata: { name: 'n2' },
  spec: {},
};

const orders: readonly Attempt[] = [
  may('bot', 'creates a NodeAgent', create(paths.agents, nodeAgent)),
  mayNot('mia', 'creates a NodeAgent', 'Tugboot alone creates', create(paths.agents, nodeAgent)),
  may('bot', 'orders a reboot', merge(agent, { spec: { endBoot: 'boot-1' } })),
  mayNot('mia', 'orders a reboot', 'Tugboot alone orders', merge(agent, { spec: { endBoot: 'boot-1' } })),
  may('mia', 'labels a NodeAgent', merge(agent, { metadata: { labels: { a: 'b' } } })),
  may('agent', 'reports', merge(`${agent}/status`, report)),
  mayNot('mia', 'reports', 'The agent of the node alone', merge(`${agent}/status`, report)),
];

const requests: readonly Attempt[] = [
  may('mia', 'asks for a reboot without a name', annotate(wish)),
  may('mia', 'asks for a reboot in her own name', annotate(by('mia'))),
  mayNot('mia', "asks for a reboot in another's name", 'you are mia', annotate(by('lee'))),
  mayNot(
    'mia',
    "writes another's name through the status",
    'you are mia',
    annotate(by('lee'), paths.nodeStatus),
  ),
  mayNot('mia', 'writes an empty name', 'you are mia', annotate(by(''))),
  mayNot('cloud', 'asks in the name of a person', 'you are cloud', annotate(by('mia'))),
  mayNot('bot', 'asks in the name of a person', 'you are system:serviceaccount', annotate(by('mia'))),
  may(
    'kubelet',
    'writes its status',
    merge(paths.nodeStatus, { status: { conditions: [condition('Ready')] } }),
  ),
];

const labels = (key: string) => merge(paths.node, { metadata: { labels: { [key]: 'x' } } });

const nodes: readonly Attempt[] = [
  may('bot', 'cordons', merge(paths.node, { spec: { unschedulable: true } })),
  may(
    'bot',
    'cordons with its mark',
    merge(paths.node, {
      metadata: { annotations: { 'tugboot.dev/cordoned-by': names.reboot } },
      spec: { unschedulable: true },
    }),
  ),
  may('bot', 'puts its taint', taint('tugboot.dev/reboot-waiting', 'PreferNoSchedule')),
  mayNot(
    'bot',
    'puts its taint with NoExecute',
    'no taint but',
    taint('tugboot.dev/reboot-waiting', 'NoExecute'),
  ),
  mayNot('bot', 'puts another taint', 'no taint but', taint('example.com/out', 'NoExecute')),
  mayNot(
    'bot',
    'gives the node another provider',
    'Of the spec of a Node',
    merge(paths.node, { spec: { providerID: 'x://y' } }),
  ),
  may('bot', 'puts a label of a hook', labels('example.com/maintenance')),
  may(
    'bot',
    'takes a node from load balancers',
    labels('node.kubernetes.io/exclude-from-external-load-balancers'),
  ),
  mayNot(
    'bot',
    'moves a node to another zone',
    'no label of Kubernetes',
    labels('topology.kubernetes.io/zone'),
  ),
  mayNot(
    'bot',
    'makes a node a control plane',
    'no label of Kubernetes',
    labels('node-role.kubernetes.io/control-plane'),
  ),
  may('bot', 'annotates', annotate({ 'tugboot.dev/state': 'Draining', 'example.com/a': 'b' })),
  mayNot(
    'bot',
    'writes an annotation of Kubernetes',
    'no annotation of Kubernetes',
    annotate({ 'volumes.kubernetes.io/controller-managed-attach-detach': 'false' }),
  ),
  may(
    'bot',
    'takes a request away',
    annotate({ 'tugboot.dev/reboot-requested': null, 'tugboot.dev/requested-by': null }),
  ),
  mayNot(
    'bot',
    'keeps a Node from being deleted',
    'neither finalizers',
    merge(paths.node, { metadata: { finalizers: ['example.com/mine'] } }),
  ),
  may('bot', 'writes its condition', addCondition('RebootRequired')),
  may('bot', 'says that it drains', addCondition('DrainInProgress')),
  mayNot('bot', 'writes a condition of others', 'its own conditions', addCondition('MemoryPressure')),
  mayNot(
    'bot',
    'says that a node is not Ready',
    'its own conditions',
    patch(paths.nodeStatus, [{ op: 'replace', path: '/status/conditions/0/status', value: 'False' }]),
  ),
  mayNot(
    'bot',
    'forges a boot',
    'Of the status of a Node',
    patch(paths.nodeStatus, [{ op: 'replace', path: '/status/nodeInfo/bootID', value: 'boot-2' }]),
  ),
  mayNot(
    'bot',
    'gives a node more room',
    'Of the status of a Node',
    merge(paths.nodeStatus, { status: { allocatable: { cpu: '64' } } }),
  ),
  may('bot', 'writes its ledger', configMap('tugboot-turns')),
  may('bot', 'writes its pauses', configMap('tugboot-pauses')),
  may('bot', 'writes its digests of pools', configMap('tugboot-pool-digests')),
  mayNot('bot', 'writes another ConfigMap', 'and no other', configMap('coredns')),
  may('mia', 'writes another ConfigMap', configMap('mine')),
  may('mia', 'taints', taint('example.com/out', 'NoExecute')),
  may('cloud', 'labels the zone', labels('topology.kubernetes.io/zone')),
];

export const attempts: readonly Attempt[] = [...reboots, ...orders, ...requests, ...nodes];
