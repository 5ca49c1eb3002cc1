import type { DemoNode } from './environment/machines.ts';

/** The policy of the demo: a realistic one, with waits short enough for somebody who tries it. */
export const demoConfig = {
  cluster: 'demo',
  timeZone: 'Europe/Berlin',
  approvers: 'channel',
  concurrency: 1,
  pools: [
    {
      name: 'control-plane',
      selector: 'node-role.kubernetes.io/control-plane',
      settleTime: '4s',
      rebootTimeout: '1m',
      settleTimeout: '1m',
    },
    {
      name: 'workers',
      selector: '!node-role.kubernetes.io/control-plane',
      approval: 'window',
      windows: [{ days: ['tue'], start: '02:00', end: '05:00' }],
      settleTime: '4s',
      rebootTimeout: '1m',
      settleTimeout: '1m',
      drain: { timeout: '5m' },
    },
  ],
} as const;

export const demoNodes = [
  { name: 'cp-1', controlPlane: true },
  { name: 'worker-1', controlPlane: false },
  { name: 'worker-2', controlPlane: false },
  { name: 'worker-3', controlPlane: false },
] as const;

export interface DemoCluster {
  readonly nodes: readonly DemoNode[];
  readonly config: Readonly<Record<string, unknown>>;
  /** Pods of the workloads, as a multiple of those of the four nodes. */
  readonly scale: number;
}

const zones = ['a', 'b', 'c'] as const;
const machineTypes = ['m7.large', 'm7.xlarge', 'r7.xlarge'] as const;

/** A cluster in three zones whose pool lets a twelfth of its nodes go at once. */
export function demoCluster(size: number): DemoCluster {
  const controlPlanes = size >= 20 ? 3 : 1;
  const workers = Math.max(1, size - controlPlanes);
  const digits = String(workers).length;
  const worker = (nth: number): DemoNode => ({
    name: `worker-${String(nth + 1).padStart(digits, '0')}`,
    controlPlane: false,
    labels: {
      'topology.kubernetes.io/zone': zones[nth % zones.length] ?? '',
      'node.kubernetes.io/instance-type': machineTypes[Math.floor(nth / zones.length) % 3] ?? '',
    },
  });
  const atOnce = Math.max(1, Math.floor(workers / 12));
  const [controlPlanePool, workerPool] = demoConfig.pools;
  return {
    nodes: [
      ...Array.from({ length: controlPlanes }, (_, nth) => ({ name: `cp-${nth + 1}`, controlPlane: true })),
      ...Array.from({ length: workers }, (_, nth) => worker(nth)),
    ],
    config: {
      ...demoConfig,
      concurrency: atOnce,
      pools: [controlPlanePool, { ...workerPool, concurrency: atOnce, maxUnavailable: atOnce }],
    },
    scale: Math.max(1, workers / 3),
  };
}
