/**
 * The cluster as the modelled product sees it: from a distance, through its own writes and a watch that lags.
 */
import type { AgentView, DaemonPod } from '../../src/reboot/nodes/observation.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import type { Instant, Millis } from '../../src/reboot/time/time.ts';
import type { FakeCluster } from '../fakes/cluster/fake-cluster.ts';
import type { Machines } from './rollout-machines.ts';
import type { FakeClock } from '../fakes/fake-clock.ts';

export interface Span {
  readonly node: string;
  readonly pool: string;
  /** Of its cordon, the last one if it gave up a turn. */
  readonly cordoned: Instant;
  /** Of its uncordon. */
  readonly back: Instant;
}

/** What goes to the API server; the rest is read from memory, or is for tests. */
const notCalls = new Set([
  'addNode',
  'node',
  'agentOf',
  'removeNode',
  'drains',
  'nodes',
  'agent',
  'agentVersion',
  'heardAt',
  'drain',
  'events',
  'log',
  'daemonPodsNotReady',
  'down',
]);
const isCall = (name: string): boolean => !notCalls.has(name);

/** The process's view of nodes: its own writes at once, all others by the watch. */
export function viewOfCluster(cluster: FakeCluster) {
  const nodes = new Map<string, NodeView>();
  const agents = new Map<string, AgentView>();
  return {
    nodes,
    agents,
    show(name: string): void {
      const node = cluster.nodes().find((each) => each.name === name);
      const agent = cluster.agent(name);
      if (node) nodes.set(name, node);
      if (agent) agents.set(name, agent);
    },
  };
}

/** Every call takes a while, halfway through which it is done. */
export function distanceOf(time: FakeClock, request: () => Millis) {
  const answered = async <R>(call: () => Promise<R>): Promise<R> => {
    await time.sleep(request() / 2);
    const answer = await call();
    await time.sleep(request() / 2);
    return answer;
  };
  return {
    answered,
    far: <T extends object>(port: T, calls: readonly (keyof T & string)[]): T => {
      const slow: Record<string, unknown> = {};
      for (const call of calls) {
        const real = port[call] as (...args: unknown[]) => Promise<unknown>;
        slow[call] = (...args: unknown[]) => answered(() => real(...args));
      }
      return { ...port, ...slow };
    },
  };
}

interface PortDeps {
  readonly time: FakeClock;
  readonly cluster: FakeCluster;
  readonly machines: Machines;
  readonly view: ReturnType<typeof viewOfCluster>;
  readonly distance: ReturnType<typeof distanceOf>;
  readonly seesOrder: () => Millis;
}

/** The cluster from a distance, with a note of when each node went out of service and came back. */
export function watchedPort({ time, cluster, machines, view, distance, seesOrder }: PortDeps) {
  const spans = new Map<string, Span>();
  const { answered } = distance;
  const notReady = (name: string): readonly DaemonPod[] =>
    machines.lacksPods(name) ? [{ daemonSet: 'kube-system/cilium', pod: 'kube-system/cilium-x' }] : [];
  const port: FakeCluster = {
    ...distance.far(cluster, Object.keys(cluster).filter(isCall) as (keyof FakeCluster)[]),
    nodes: () => [...view.nodes.values()],
    cachedNode: (name) => view.nodes.get(name),
    agent: (name) => view.agents.get(name),
    drain: machines.drain,
    async observe(name) {
      const observation = await answered(() => cluster.observe(name));
      return { ...observation, daemonPodsNotReady: notReady(name) };
    },
    daemonPods: (name) => answered(async () => notReady(name)),
    async cordon(target, owner, still) {
      const answer = await answered(() => cluster.cordon(target, owner, still));
      const { node } = target;
      const pool = cluster.node(node).labels['pool'] ?? '';
      if (answer === 'us') spans.set(node, { node, pool, cordoned: time.now(), back: Number.NaN });
      view.show(node);
      return answer;
    },
    async uncordon(target, owner, still) {
      const answer = await answered(() => cluster.uncordon(target, owner, still));
      const span = spans.get(target.node);
      if (answer === 'done' && span) spans.set(target.node, { ...span, back: time.now() });
      view.show(target.node);
      return answer;
    },
    async order(target, still) {
      const answer = await answered(() => cluster.order(target, still));
      if (answer === 'ordered') time.at(time.now() + seesOrder(), () => machines.ordered(target.node));
      return answer;
    },
  };
  return { port, spans };
}
