import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import { type JsonObject, numberAt } from '../../../demo/kube/json.ts';
import { type RawAnswer, type RawKube, strategicPatch } from './raw-kube.ts';

export const maps = '/api/v1/namespaces/default/configmaps';
export const pods = '/api/v1/namespaces/default/pods';
export const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
export const widgets = '/apis/contract.tugboot.dev/v1/widgets';

/** Objects to try a Kubernetes API with, under names that no other run uses. */
export interface KubeFixture {
  readonly unique: (word: string) => string;
  /** Names a node that does not exist: pods bound to it are nobody's to run. */
  readonly nowhere: string;
  readonly made: (path: string, body: JsonObject) => Promise<RawAnswer>;
  readonly runningPod: (name: string, app: string, ready?: 'True' | 'False') => Promise<RawAnswer>;
  /** A budget of two pods at least, with a status as the disruption controller would write it. */
  readonly budget: (app: string, status: JsonObject | undefined) => Promise<string>;
  readonly evict: (podName: string, deleteOptions?: JsonObject) => Promise<RawAnswer>;
}

export function createKubeFixture(kube: () => RawKube): KubeFixture {
  const run = randomBytes(3).toString('hex');
  let count = 0;
  const unique: KubeFixture['unique'] = (word) => `${word}-${run}-${(count += 1)}`;
  const nowhere = `nowhere-${run}`;
  const made = async (path: string, body: JsonObject): Promise<RawAnswer> => {
    const answer = await kube().send('POST', path, body);
    expect(answer.status, answer.text).toBe(201);
    return answer;
  };
  const runningPod = async (
    podName: string,
    app: string,
    ready: 'True' | 'False' = 'True',
  ): Promise<RawAnswer> => {
    const created = await made(pods, {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: podName, labels: { app } },
      spec: { nodeName: nowhere, containers: [{ name: 'c', image: 'example.test/c:1' }] },
    });
    const status = { phase: 'Running', conditions: [condition('Ready', ready)] };
    const answer = await kube().send('PATCH', `${pods}/${podName}/status`, { status }, strategicPatch);
    expect(answer.status, answer.text).toBe(200);
    return created;
  };
  const budget = async (app: string, status: JsonObject | undefined): Promise<string> => {
    const budgetName = unique('budget');
    const created = await made(budgets, {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: budgetName },
      spec: { minAvailable: 2, selector: { matchLabels: { app } } },
    });
    if (status !== undefined) {
      const observedGeneration = numberAt(created.body, 'metadata', 'generation') ?? 0;
      const full = { observedGeneration, expectedPods: 3, ...status };
      const answer = await kube().send('PUT', `${budgets}/${budgetName}/status`, {
        ...created.body,
        status: full,
      });
      expect(answer.status, answer.text).toBe(200);
    }
    return budgetName;
  };
  const evict = (podName: string, deleteOptions: JsonObject = {}): Promise<RawAnswer> =>
    kube().send('POST', `${pods}/${podName}/eviction`, {
      apiVersion: 'policy/v1',
      kind: 'Eviction',
      metadata: { name: podName },
      deleteOptions,
    });
  return { unique, nowhere, made, runningPod, budget, evict };
}

export const configMap = (
  mapName: string,
  data: JsonObject = { a: '1' },
  labels: JsonObject = {},
): JsonObject => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: mapName, labels },
  data,
});

export const node = (nodeName: string): JsonObject => ({
  apiVersion: 'v1',
  kind: 'Node',
  metadata: { name: nodeName },
  status: {
    nodeInfo: nodeInfo('boot-1'),
    conditions: [condition('Ready', 'True'), condition('DiskPressure', 'False')],
  },
});

const nodeInfo = (bootID: string): JsonObject => ({
  bootID,
  machineID: 'm',
  systemUUID: 'm',
  kernelVersion: '6.8.0-45-generic',
  osImage: 'Ubuntu 24.04 LTS',
  containerRuntimeVersion: 'containerd://1.7',
  kubeletVersion: 'v1.36.3',
  kubeProxyVersion: '',
  operatingSystem: 'linux',
  architecture: 'amd64',
});

export const condition = (type: string, status: string): JsonObject => ({
  type,
  status,
  lastTransitionTime: '2026-11-22T10:00:00Z',
});

export const widget = (name: string, spec: JsonObject = { size: 3 }): JsonObject => ({
  apiVersion: 'contract.tugboot.dev/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});

export const widgetDefinition: JsonObject = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.contract.tugboot.dev' },
  spec: {
    group: 'contract.tugboot.dev',
    scope: 'Cluster',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: {
          openAPIV3Schema: {
            type: 'object',
            properties: {
              spec: {
                type: 'object',
                required: ['size'],
                properties: {
                  size: { type: 'integer', minimum: 1 },
                  color: { type: 'string', enum: ['blue', 'red'] },
                },
              },
              status: { type: 'object', properties: { phase: { type: 'string' } } },
            },
          },
        },
      },
    ],
  },
};
