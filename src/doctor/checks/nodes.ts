/** Nodes, pools and agents, and other programs that reboot nodes. */
import type { KubeClient } from '../../k8s/api/client.ts';
import { listAll } from '../../k8s/api/pages.ts';
import { paths } from '../../k8s/api/paths.ts';
import { textAt } from '../../k8s/api/json-value.ts';
import { ownerOf } from '../../k8s/nodes/agent-order.ts';
import { agentView } from '../../k8s/nodes/agent-view.ts';
import { nodeView } from '../../k8s/nodes/read-node.ts';
import { agentlessBecause } from '../../reboot/policy/agentless.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import type { AgentView } from '../../reboot/nodes/observation.ts';
import type { Policy } from '../../reboot/policy/policy.ts';
import { poolOf } from '../../reboot/policy/pools.ts';
import { reportOf } from '../../reboot/signals/signals.ts';
import { type Check, error, type Finding, ok, warning } from '../finding.ts';

export interface NodeCheckDeps {
  readonly client: KubeClient;
  readonly policy: Policy;
  readonly version: string;
  /** Namespace of this installation. */
  readonly namespace: string;
}

interface Cluster {
  readonly nodes: readonly NodeView[];
  readonly agents: ReadonlyMap<string, AgentView>;
}

export function nodeChecks(deps: NodeCheckDeps): readonly Check[] {
  let known: Promise<Cluster> | undefined;
  const cluster = (): Promise<Cluster> => (known ??= readCluster(deps));
  return [
    { name: 'pools', run: async () => pools(deps, await cluster()) },
    { name: 'agents', run: async () => agents(deps, await cluster()) },
    { name: 'rebooters', run: async () => rebooters(deps, await cluster()) },
    { name: 'installations', run: () => installations(deps) },
  ];
}

async function readCluster({ client }: NodeCheckDeps): Promise<Cluster> {
  const nodes = await listAll(client, { path: paths.nodes }, (object) => nodeView(object));
  const agents = await listAll(client, { path: paths.agents }, (object) => agentView(object));
  return { nodes: nodes.items, agents: new Map(agents.items.map((agent) => [agent.node, agent])) };
}

/** At most so many names in one sentence. */
const named = 5;

const list = (names: readonly string[]): string =>
  names.length <= named
    ? names.join(', ')
    : `${names.slice(0, named).join(', ')} and ${names.length - named} more`;

function pools({ policy }: NodeCheckDeps, { nodes }: Cluster): readonly Finding[] {
  const served = nodes.filter((node) => agentlessBecause(node) === undefined);
  const members = Map.groupBy(served, (node) => poolOf(policy, node)?.name);
  const outside = members.get(undefined) ?? [];
  const counts = policy.pools.map(({ name }) => ({ name, count: members.get(name)?.length ?? 0 }));
  return [
    ok(`Pools: ${counts.map(({ name, count }) => `${name} ${count}`).join(', ')} nodes.`),
    ...counts
      .filter(({ count }) => count === 0)
      .map(({ name }) =>
        warning(`Pool ${name} has no nodes.`, `Compare its selector with kubectl get nodes --show-labels.`),
      ),
    ...(outside.length === 0
      ? []
      : [
          warning(
            `${outside.length} nodes are in no pool, and are never rebooted: ${list(outside.map(({ name }) => name))}.`,
            'Add a pool for them if they should be.',
          ),
        ]),
  ];
}

function agents({ version }: NodeCheckDeps, { nodes, agents: known }: Cluster): readonly Finding[] {
  const served = nodes.filter((node) => agentlessBecause(node) === undefined);
  const silent = served.filter((node) => reportOf(node, known.get(node.name)) === undefined);
  const others = served.filter(({ name }) => {
    const report = known.get(name)?.report;
    return report !== undefined && report.agent !== version;
  });
  const unknown = served.filter(({ name }) => known.get(name)?.report?.required === 'unknown');
  const findings = [
    ...(silent.length === 0
      ? []
      : [
          warning(
            `${silent.length} nodes have no report of their running boot: ${list(silent.map(({ name }) => name))}.`,
            'Look at the pods of the agent: kubectl get pods -l app.kubernetes.io/component=agent -o wide.',
          ),
        ]),
    ...(unknown.length === 0
      ? []
      : [
          warning(
            `The agent cannot read the sentinel on ${list(unknown.map(({ name }) => name))}.`,
            'Look at the mounts of the agent: the directory of the sentinel must be there.',
          ),
        ]),
    ...(others.length === 0
      ? []
      : [
          warning(
            `The agents of ${list(others.map(({ name }) => name))} are of another version than ${version}.`,
            'Let the upgrade finish.',
          ),
        ]),
  ];
  return findings.length > 0 ? findings : [ok(`All ${served.length} agents have reported.`)];
}

async function rebooters({ client }: NodeCheckDeps, { agents: known }: Cluster): Promise<readonly Finding[]> {
  const query = { labelSelector: 'app.kubernetes.io/name=kured' };
  const answer = await client.send({ method: 'GET', path: paths.daemonSets, query });
  const items = answer.ok ? (answer.body as { readonly items?: readonly unknown[] }).items : undefined;
  const hosts = [...known.values()].flatMap(({ node, report }) =>
    (report?.otherRebooters ?? []).map(({ name }) => ({ node, name })),
  );
  const findings = [
    ...(items ?? []).map((item) =>
      error(
        `kured runs in namespace ${textAt(item, 'metadata', 'namespace') ?? '?'}: it reboots nodes without asking.`,
        'Remove it, or let its nodes be in no pool (docs/kured.md).',
      ),
    ),
    ...[...Map.groupBy(hosts, ({ name }) => name)].map(([name, on]) =>
      warning(
        `${name} reboots nodes by itself: ${list(on.map(({ node }) => node))}.`,
        'Switch it off there (docs/operations.md).',
      ),
    ),
  ];
  return findings.length > 0 ? findings : [ok('Nothing else is known to reboot nodes.')];
}

/** Two installations in one cluster would not see each other's turns. */
async function installations({ client, namespace }: NodeCheckDeps): Promise<readonly Finding[]> {
  const { items } = await listAll(client, { path: paths.agents }, (object) => ownerOf(object).installation);
  const others = new Set(items.filter((other) => other !== undefined && other !== namespace));
  if (others.size === 0) return [ok('This is the only Tugboot of the cluster.')];
  return [
    error(
      `Another Tugboot has nodes of this cluster, from namespace ${list([...others].map(String))}.`,
      'Remove one of the two, and its NodeAgents.',
    ),
  ];
}
