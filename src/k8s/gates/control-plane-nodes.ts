import type { Blocker } from '../../reboot/scheduling/blockers/blockers.ts';
import { controlPlaneLabels } from '../../reboot/nodes/node-contract.ts';
import { isControlPlane } from '../../reboot/policy/pools.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import type { StartQuestion } from '../../reboot/ports/outside.ts';
import { second } from '../../reboot/time/time.ts';
import type { KubeClient } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import { nodeView } from '../nodes/read-node.ts';
import { named } from './pod-gates.ts';

/** A control-plane node may start only while the others are Ready and the API server's checks pass. */
export async function healthyControlPlane(
  client: KubeClient,
  { reboot, node }: StartQuestion,
): Promise<readonly Blocker[]> {
  if (!reboot.facts.controlPlane) return [];
  const notReady = othersNotReady(await controlPlanes(client), node.name);
  const failing = await failingChecks(client);
  return [
    ...(notReady.length === 0
      ? []
      : [
          {
            code: 'control-plane-unhealthy',
            sentence: `Other control-plane nodes are not Ready: ${named(notReady)}.`,
            clears: 'It starts when they are.',
          } as const,
        ]),
    ...(failing.length === 0
      ? []
      : [
          {
            code: 'control-plane-unhealthy',
            sentence: `The API server says that it is not well: ${named(failing)}.`,
            clears: 'It starts when /readyz answers ok.',
          } as const,
        ]),
  ];
}

/** Names of other control-plane nodes that are not Ready. Works on a list and on the watch's cache. */
export const othersNotReady = (nodes: readonly NodeView[], node: string): readonly string[] => [
  ...new Set(
    nodes
      .filter((other) => isControlPlane(other) && other.name !== node && !other.ready)
      .map(({ name }) => name),
  ),
];

async function controlPlanes(client: KubeClient): Promise<readonly NodeView[]> {
  const lists = await Promise.all(
    controlPlaneLabels.map((labelSelector) =>
      listAll(client, { path: paths.nodes, query: { labelSelector } }, (node) => nodeView(node)),
    ),
  );
  return lists.flatMap(({ items }) => items);
}

/**
 * `/readyz?verbose` has a line for each check, etcd among them: `[+]etcd ok`, `[-]etcd failed: …` (Kubernetes
 * API health endpoints).
 */
async function failingChecks(client: KubeClient): Promise<readonly string[]> {
  const answer = await client.send({
    method: 'GET',
    path: '/readyz',
    plain: true,
    query: { verbose: true },
    timeout: 10 * second,
  });
  if (answer.ok) return [];
  const lines = answer.status.message.split('\n').filter((line) => line.startsWith('[-]'));
  const checks = lines.map((line) => /^\[-\]([\w./-]+)/.exec(line)?.[1] ?? 'a check');
  return checks.length > 0 ? checks : [`/readyz answers ${answer.status.code}`];
}
