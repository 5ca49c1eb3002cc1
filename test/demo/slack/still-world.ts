import type { World, WorldNode, WorldPod } from '../../../demo/world/view.ts';

export interface StillWorld extends World {
  readonly upgraded: readonly string[];
  change(node: string, to: Partial<WorldNode>): void;
}

const pod = (
  namespace: string,
  name: string,
  owner?: string,
  state: WorldPod['state'] = 'running',
): WorldPod => ({
  namespace,
  name,
  state,
  ...(owner === undefined ? {} : { owner }),
});

const daemons = (suffix: string): readonly WorldPod[] => [
  pod('kube-system', `kube-proxy-${suffix}`, 'DaemonSet'),
  pod('kube-system', `node-exporter-${suffix}`, 'DaemonSet'),
];

const node = (name: string, bootId: string, pods: readonly WorldPod[]): WorldNode => ({
  name,
  controlPlane: name.startsWith('cp'),
  ready: true,
  cordoned: false,
  power: 'on',
  kernel: '6.8.0-45-generic',
  bootId,
  sentinel: false,
  pods,
});

/** A cluster that stands still until a test moves it. */
export function createStillWorld(): StillWorld {
  let nodes: readonly WorldNode[] = [
    node('cp-1', '0c1d9f3e-1111', daemons('aaaaa')),
    node('worker-1', '5b2e77aa-2222', [
      pod('shop', 'web-6d9f7c5b8-x2x9p', 'Deployment'),
      pod('shop', 'api-7c4d5b6f9-k8s2q', 'Deployment'),
      pod('db', 'pg-0', 'StatefulSet'),
      pod('default', 'debug'),
      ...daemons('bbbbb'),
    ]),
    node('worker-2', '9a41c0de-3333', [
      pod('shop', 'web-6d9f7c5b8-9qv7t', 'Deployment'),
      pod('shop', 'web-6d9f7c5b8-zz2kd', 'Deployment'),
      pod('shop', 'api-7c4d5b6f9-p0w3r', 'Deployment'),
      pod('db', 'pg-1', 'StatefulSet'),
      ...daemons('ccccc'),
    ]),
    node('worker-3', 'e7f08b12-4444', [
      pod('shop', 'web-6d9f7c5b8-hh5vn', 'Deployment'),
      pod('shop', 'api-7c4d5b6f9-tt8xm', 'Deployment'),
      pod('db', 'pg-2', 'StatefulSet'),
      ...daemons('ddddd'),
    ]),
  ];
  const listeners = new Set<() => void>();
  const upgraded: string[] = [];
  const change = (name: string, to: Partial<WorldNode>): void => {
    nodes = nodes.map((each) => (each.name === name ? Object.assign({}, each, to) : each));
    for (const listener of listeners) listener();
  };
  const aptUpgrade = async (name: string): Promise<void> => {
    upgraded.push(name);
    change(name, { sentinel: true });
  };
  return {
    upgraded,
    change,
    aptUpgrade,
    patchWorkers: async () => {
      for (const { name, controlPlane } of nodes) if (!controlPlane) await aptUpgrade(name);
    },
    view: () => ({ nodes }),
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
