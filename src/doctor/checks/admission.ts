import type { KubeClient } from '../../k8s/api/client.ts';
import { textAt } from '../../k8s/api/json-value.ts';
import { paths } from '../../k8s/api/paths.ts';
import { type Finding, ok, warning } from '../finding.ts';

/**
 * The chart's policies keep the bot's token from writing what Tugboot never writes. Tried with a dry run of
 * such a write: a policy that is there proves nothing, since it may be bound otherwise.
 */
export async function admission({
  client,
}: {
  readonly client: Pick<KubeClient, 'send'>;
}): Promise<readonly Finding[]> {
  const listed = await client.send({ method: 'GET', path: paths.nodes, query: { limit: 1 } });
  const items = listed.ok ? (listed.body as { readonly items?: readonly unknown[] }).items : undefined;
  const node = textAt(items?.[0], 'metadata', 'name');
  if (node === undefined) return [ok('There is no node to try the admission policies on.')];
  const answer = await client.send({
    method: 'PATCH',
    path: paths.node(node),
    query: { dryRun: 'All' },
    patch: 'merge',
    body: { metadata: { labels: { 'node-role.kubernetes.io/tugboot-doctor': '' } } },
  });
  if (!answer.ok && /admission policy|ValidatingAdmissionPolicy/i.test(answer.status.message))
    return [ok('The admission policies bound what the token of the bot may write.')];
  return [
    warning(
      'No admission policy keeps the token of the bot from writing other fields of nodes.',
      'Install the chart with admission.enabled, on Kubernetes 1.30 or newer.',
    ),
  ];
}
