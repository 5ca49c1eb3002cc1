/**
 * Two machines as the API server sees them: pods run soon after they are assigned, and end a fixed time after
 * they are told to.
 */
import { type KubeClient, type KubeRequest, bodyOrThrow } from '../../src/k8s/api/client.ts';
import { at, textAt } from '../../src/k8s/api/json-value.ts';
import { paths } from '../../src/k8s/api/paths.ts';
import { createReflector } from '../../src/k8s/watch/reflector.ts';
import type { BootTarget } from '../../src/reboot/nodes/observation.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { realSleep, systemClock } from '../k8s/world/api.ts';

export interface NodesOptions {
  readonly admin: KubeClient;
  readonly names: readonly string[];
  readonly startsIn: number;
  readonly endsIn: number;
}

export interface BenchNodes {
  readonly targets: ReadonlyMap<string, BootTarget>;
  /** Pods of a node that run, are ready and are not told to end. */
  running(node: string): number;
  stop(): Promise<void>;
}

interface PodState {
  readonly namespace: string;
  readonly name: string;
  readonly uid: string;
  readonly node: string;
  readonly phase: string;
  readonly ending: boolean;
}

const stateOf = (pod: unknown): PodState => ({
  namespace: textAt(pod, 'metadata', 'namespace') ?? '',
  name: textAt(pod, 'metadata', 'name') ?? '',
  uid: textAt(pod, 'metadata', 'uid') ?? '',
  node: textAt(pod, 'spec', 'nodeName') ?? '',
  phase: textAt(pod, 'status', 'phase') ?? '',
  ending: textAt(pod, 'metadata', 'deletionTimestamp') !== undefined,
});

export async function startNodes(options: NodesOptions): Promise<BenchNodes> {
  const { admin, names } = options;
  const targets = new Map<string, BootTarget>();
  for (const name of names) targets.set(name, await addNode(admin, name));
  const over = new AbortController();
  const begun = new Set<string>();
  const once = (key: string, work: () => Promise<void>): void => {
    if (begun.has(key)) return;
    begun.add(key);
    work().catch((error: unknown) => {
      // Its next event tries again; at the end there is none.
      begun.delete(key);
      if (!over.signal.aborted) process.stderr.write(`a simulated kubelet: ${String(error)}\n`);
    });
  };
  const pods = createReflector<PodState>(
    {
      what: 'pods',
      path: paths.pods,
      reduce: stateOf,
      keyOf: (pod) => textAt(pod, 'metadata', 'uid') ?? '',
      onChange(uid) {
        const pod = pods.get(uid);
        if (!pod || !targets.has(pod.node)) return;
        if (pod.ending) once(`end ${uid}`, () => end(options, pod, over.signal));
        else if (pod.phase === 'Pending') once(`start ${uid}`, () => start(options, pod, over.signal));
      },
    },
    { client: admin, clock: systemClock, sleep: realSleep, random: Math.random, logger: silentLogger },
  );
  const running = pods.run(over.signal);
  await pods.listed;
  return {
    targets,
    running: (node) =>
      [...pods.values()].filter((pod) => pod.node === node && pod.phase === 'Running' && !pod.ending).length,
    async stop() {
      over.abort();
      await running;
    },
  };
}

async function start({ admin, startsIn }: NodesOptions, pod: PodState, signal: AbortSignal): Promise<void> {
  await realSleep(startsIn, signal);
  const conditions = ['Initialized', 'ContainersReady', 'Ready'].map((type) => ({ type, status: 'True' }));
  const body = { metadata: { uid: pod.uid }, status: { phase: 'Running', conditions } };
  const path = `${paths.pod(pod.namespace, pod.name)}/status`;
  // Deleted before it ran: the handler of deletions handles it.
  await unlessGone(admin, { method: 'PATCH', path, patch: 'merge', body });
}

async function end({ admin, endsIn }: NodesOptions, pod: PodState, signal: AbortSignal): Promise<void> {
  await realSleep(endsIn, signal);
  const body = { preconditions: { uid: pod.uid }, gracePeriodSeconds: 0 };
  await unlessGone(admin, { method: 'DELETE', path: paths.pod(pod.namespace, pod.name), body });
}

async function unlessGone(admin: KubeClient, request: KubeRequest): Promise<void> {
  const answer = await admin.send(request);
  if (answer.ok || answer.status.code === 404 || answer.status.code === 409) return;
  throw new Error(`${request.method} ${request.path}: ${answer.status.code} ${answer.status.message}`);
}

async function addNode(admin: KubeClient, name: string): Promise<BootTarget> {
  const room = { cpu: '64', memory: '256Gi', pods: '1000' };
  const status = {
    capacity: room,
    allocatable: room,
    conditions: [{ type: 'Ready', status: 'True' }],
    nodeInfo: { bootID: 'boot-1' },
  };
  const body = { apiVersion: 'v1', kind: 'Node', metadata: { name }, status };
  const node = bodyOrThrow(await admin.send({ method: 'POST', path: paths.nodes, body }), 'adding a node');
  // The server taints every new node, and the controller that would see it ready does not run here.
  const taints = {
    method: 'PATCH',
    path: paths.node(name),
    patch: 'merge',
    body: { spec: { taints: null } },
  } as const;
  const ready = bodyOrThrow(await admin.send(taints), 'taking its taint');
  if (at(ready, 'spec', 'taints') !== undefined) throw new Error(`node ${name} stays tainted`);
  return { node: name, uid: textAt(node, 'metadata', 'uid') ?? '', bootId: 'boot-1' };
}
