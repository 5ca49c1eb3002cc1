import type { AgentView } from '../../../src/reboot/nodes/observation.ts';
import type { NodeView } from '../../../src/reboot/nodes/node-view.ts';
import type { Cluster } from '../../../src/reboot/ports/cluster/cluster.ts';
import { noon } from '../builders.ts';
import { fakeOrders, fakeRecords } from './fake-agent-writes.ts';
import { type FakeDrains, fakeDrains } from './fake-drains.ts';
import { fakeCordons, fakeLabels, fakeRequests } from './fake-node-writes.ts';
import { fakeReads } from './fake-reads.ts';
import { type FakeSettings, fakeWorld, type MutableAgent, type MutableNode } from './fake-world.ts';

export type FakeCluster = Cluster &
  FakeSettings &
  Pick<FakeDrains, 'drains'> & {
    addNode(node: NodeView, agent?: Partial<AgentView>): void;
    node(name: string): MutableNode;
    agentOf(name: string): MutableAgent;
    removeNode(name: string): void;
  };

const must = <T>(found: T | undefined, name: string): T => {
  if (found === undefined) throw new Error(`the fake cluster has no ${name}`);
  return found;
};

/**
 * A cluster in memory with the preconditions of the real one: writes check UID, boot and owner of the cordon.
 */
export function fakeCluster(now: () => number = () => noon): FakeCluster {
  const world = fakeWorld();
  const { nodes, agents, settings } = world;
  const fake: FakeCluster = Object.assign(settings, {
    addNode(node: NodeView, agent?: Partial<AgentView>) {
      nodes.set(node.name, { ...node });
      if (agent) agents.set(node.name, { node: node.name, ...agent });
    },
    node: (name: string) => must(nodes.get(name), name),
    agentOf: (name: string) => must(agents.get(name), name),
    removeNode(name: string) {
      nodes.delete(name);
      agents.delete(name);
    },
    nodes: () => Array.from(nodes.values(), (node) => ({ ...node })),
    // Tests replace `nodes` to let the watch lag.
    cachedNode: (name: string) => fake.nodes().find((node) => node.name === name),
    agent(name: string) {
      const agent = agents.get(name);
      return agent && { ...agent };
    },
    agentVersion: world.versionOf,
    heardAt: now,
    ...fakeReads(world, () => fake, now),
    ...fakeCordons(world),
    ...fakeLabels(world),
    ...fakeRequests(world),
    ...fakeOrders(world),
    ...fakeRecords(world),
    ...fakeDrains(world),
  });
  return fake;
}
