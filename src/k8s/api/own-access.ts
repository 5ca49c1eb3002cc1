import type { V1ResourceAttributes, V1SelfSubjectAccessReview } from '@kubernetes/client-node';
import type { KubeClient } from './client.ts';
import { paths } from './paths.ts';
import type { Received } from './received.ts';

/**
 * Whether this client may do it. `unknown`: the API server does not say.
 * https://kubernetes.io/docs/reference/access-authn-authz/authorization/#checking-api-access
 */
export async function ownAccess(
  client: Pick<KubeClient, 'send'>,
  resourceAttributes: Received<V1ResourceAttributes>,
): Promise<'yes' | 'no' | 'unknown'> {
  const body: Received<V1SelfSubjectAccessReview> = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes },
  };
  const answer = await client.send({ method: 'POST', path: paths.ownAccess, body });
  if (!answer.ok) return 'unknown';
  return (answer.body as typeof body).status?.allowed === true ? 'yes' : 'no';
}
