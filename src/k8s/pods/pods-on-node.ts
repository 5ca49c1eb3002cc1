import type { V1Pod } from '@kubernetes/client-node';
import type { DrainPolicy } from '../../reboot/policy/policy.ts';
import type { KubeClient, Query } from '../api/client.ts';
import { listAll } from '../api/pages.ts';
import { paths } from '../api/paths.ts';
import type { Received } from '../api/received.ts';

/** One request for all namespaces: the API server has an index of pods by node. */
export const podsOnNode = (node: string, policy: Pick<DrainPolicy, 'podSelector'> = {}): Query => ({
  fieldSelector: `spec.nodeName=${node}`,
  labelSelector: policy.podSelector,
});

/** Reads from the API server, not from a cache. */
export async function listPods<V>(
  client: KubeClient,
  query: Query,
  reduce: (pod: Received<V1Pod>) => V | undefined,
): Promise<readonly V[]> {
  return (await listAll(client, { path: paths.pods, query }, reduce)).items;
}
