// The objects of a large cluster, with the bulk that real ones have: images in the status of a node.
import { nodeObject } from '../../../demo/kubelet/node-object.ts';
import type { JsonObject } from '../../../demo/kube/json.ts';
import type { NodeReport } from '../../../src/reboot/nodes/node-report.ts';

const zones = ['a', 'b', 'c'];
const podsPerWorkload = 10;

export const nodeName = (index: number): string => `worker-${String(index).padStart(5, '0')}`;
export const indexOf = (node: string): number => Number(node.slice('worker-'.length));
export const bootIdOf = (index: number): string =>
  `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

const digest = 'a'.repeat(64);

/** Kubelets report the 50 largest images. */
const images = (node: number): readonly JsonObject[] =>
  Array.from({ length: 50 }, (_, index) => ({
    names: [
      `registry.example/team-${node % 7}/service-${index}@sha256:${digest}`,
      `registry.example/team-${node % 7}/service-${index}:1.${index}.0`,
    ],
    sizeBytes: 50_000_000 + index,
  }));

export function aNode(index: number, now: number): JsonObject {
  const name = nodeName(index);
  const identity = {
    name,
    labels: { 'topology.kubernetes.io/zone': `zone-${zones[index % zones.length]}` },
    osImage: 'Ubuntu 24.04.1 LTS',
  };
  const state = { bootId: bootIdOf(index), kernel: '6.8.0-45-generic', ready: true, now };
  const node = nodeObject(identity, state);
  return { ...node, status: { ...(node['status'] as JsonObject), images: images(index) } };
}

/** Ten pods make a Deployment with a budget; its pods are on neighbouring nodes. */
export function aPod(index: number, nodes: number, now: number): JsonObject {
  const workload = Math.floor(index / podsPerWorkload);
  const at = new Date(now).toISOString();
  return {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: `app-${workload}-${index % podsPerWorkload}`,
      namespace: `team-${workload % 50}`,
      labels: { app: `app-${workload}` },
      ownerReferences: [
        {
          apiVersion: 'apps/v1',
          kind: 'ReplicaSet',
          name: `app-${workload}`,
          uid: `rs-${workload}`,
          controller: true,
        },
      ],
    },
    spec: {
      nodeName: nodeName(index % nodes),
      containers: [{ name: 'app', image: 'app', resources: { requests: { cpu: '50m', memory: '64Mi' } } }],
    },
    status: {
      phase: 'Running',
      conditions: [{ type: 'Ready', status: 'True', lastTransitionTime: at }],
    },
  };
}

export const workloadsOf = (pods: number): number => Math.ceil(pods / podsPerWorkload);

/** A budget for one workload in twenty. */
export function aBudget(workload: number): JsonObject | undefined {
  if (workload % 20 !== 0) return undefined;
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: `app-${workload}`, namespace: `team-${workload % 50}` },
    spec: { maxUnavailable: 1, selector: { matchLabels: { app: `app-${workload}` } } },
    status: {
      observedGeneration: 1,
      disruptionsAllowed: 1,
      currentHealthy: podsPerWorkload,
      desiredHealthy: podsPerWorkload - 1,
      expectedPods: podsPerWorkload,
      conditions: [],
    },
  };
}

/** Of the reboot that the bench asks for. */
export const newKernel = '6.8.0-49-generic';

/** The report of the boot after an order. */
export function aReportAfter(bootId: string, now: number): NodeReport {
  return {
    required: 'no',
    packages: [],
    packagesLeftOut: 0,
    kernel: { running: newKernel, newest: newKernel },
    bootId,
    bootedAt: new Date(now).toISOString(),
    agent: '0.1.0',
    signals: [{ name: 'sentinel', required: 'no' }],
  };
}

export function aReport(index: number, required: boolean, now: number): NodeReport {
  const packages = required
    ? [
        { name: 'linux-image-6.8.0-49-generic', version: '6.8.0-49.49' },
        { name: 'libc6', version: '2.39-0ubuntu8.3' },
        { name: 'linux-base' },
      ]
    : [];
  const at = new Date(now).toISOString();
  return {
    required: required ? 'yes' : 'no',
    ...(required ? { requiredSince: at } : {}),
    packages,
    packagesLeftOut: 0,
    kernel: { running: '6.8.0-45-generic', newest: required ? newKernel : '6.8.0-45-generic' },
    bootId: bootIdOf(index),
    bootedAt: new Date(now - 30 * 86_400_000).toISOString(),
    agent: '0.1.0',
    signals: [{ name: 'sentinel', required: required ? 'yes' : 'no' }],
  };
}
