import type { V1SelfSubjectReview } from '@kubernetes/client-node';
import type { BootTarget } from '../../reboot/nodes/observation.ts';
import type { KubeClient } from '../api/client.ts';
import { paths } from '../api/paths.ts';
import type { Received } from '../api/received.ts';
import { nameRequesterPatch } from './json-patch.ts';

/**
 * An admission policy of the chart requires that the requester's name on a Node is the writer's own. Tests
 * its effect with two dry runs: our own name must be accepted, and another name refused. The presence of a
 * policy proves nothing: it may be bound otherwise.
 */
export async function isRequesterProven(client: KubeClient, target: BootTarget): Promise<boolean> {
  const own = await ownName(client);
  if (own === undefined) return false;
  const [mine, others] = await Promise.all([own, `not ${own}`].map((name) => tryName(client, target, name)));
  return mine === 200 && others === 403;
}

async function ownName(client: KubeClient): Promise<string | undefined> {
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const answer = await client.send({ method: 'POST', path: paths.self, body });
  if (!answer.ok) return undefined;
  return (answer.body as Received<V1SelfSubjectReview>).status?.userInfo?.username;
}

async function tryName(client: KubeClient, target: BootTarget, name: string): Promise<number> {
  const answer = await client.send({
    method: 'PATCH',
    path: paths.node(target.node),
    query: { dryRun: 'All' },
    patch: 'json',
    body: nameRequesterPatch(target, name),
  });
  return answer.ok ? 200 : answer.status.code;
}
