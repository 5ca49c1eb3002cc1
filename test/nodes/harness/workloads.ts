import { images, nameOf } from './images.ts';

export const controlPlaneRole = 'node-role.kubernetes.io/control-plane';
export const toleratesControlPlane = { key: controlPlaneRole, operator: 'Exists' };

/** All nodes, with a short settle time. */
export const quickPool = {
  name: 'all',
  approvalsNeeded: 1,
  settleTime: '2s',
  rebootTimeout: '2m',
  settleTimeout: '2m',
  drain: { timeout: '2m' },
};

/** On that node if it has room, else anywhere. */
export const prefers = (node: string): unknown => ({
  nodeAffinity: {
    preferredDuringSchedulingIgnoredDuringExecution: [
      {
        weight: 100,
        preference: {
          matchExpressions: [{ key: 'kubernetes.io/hostname', operator: 'In', values: [node] }],
        },
      },
    ],
  },
});

/** The workload of the story, and its Service. */
export const helloNode = (on: string): readonly unknown[] => {
  const labels = { app: 'hello-node' };
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'hello-node', namespace: 'default' },
      spec: {
        replicas: 1,
        selector: { matchLabels: labels },
        template: {
          metadata: { labels },
          spec: {
            terminationGracePeriodSeconds: 5,
            affinity: prefers(on),
            tolerations: [toleratesControlPlane],
            containers: [
              {
                name: 'hello',
                image: nameOf(images.containers),
                args: ['hello'],
                ports: [{ containerPort: 8080 }],
                readinessProbe: { httpGet: { path: '/', port: 8080 }, periodSeconds: 1 },
              },
            ],
          },
        },
      },
    },
    {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'hello-node', namespace: 'default' },
      spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] },
    },
  ];
};

/** Calls the Service by its name repeatedly, and logs which pod responded. */
export const caller = (on: string): readonly unknown[] => [
  {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'caller', namespace: 'default' },
    spec: {
      nodeName: on,
      terminationGracePeriodSeconds: 0,
      containers: [
        {
          name: 'caller',
          image: nameOf(images.tugboot),
          command: ['node', '--eval', call],
        },
      ],
    },
  },
];

const call = `setInterval(() =>
  fetch('http://hello-node.default.svc.cluster.local', { signal: AbortSignal.timeout(2000), headers: { connection: 'close' } })
    .then((answer) => answer.text())
    .then((text) => console.log(text.trim()), () => console.log('no answer')), 200);`;
