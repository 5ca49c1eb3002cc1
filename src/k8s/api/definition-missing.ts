import { apiGroup } from '../../reboot/nodes/node-contract.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { KubeStatus } from './kube-status.ts';
import { paths } from './paths.ts';

const ownKinds: ReadonlyMap<string, string> = new Map([
  [paths.reboots, 'reboots'],
  [paths.agents, 'nodeagents'],
]);

/**
 * Our own kinds: 404 on a list, watch or creation means that the CustomResourceDefinition is missing, 405
 * that it is being deleted (apiextensions-apiserver, `customresource_handler.go`). Retryable: it works once
 * the definition is applied. Undefined for every other refusal.
 */
export function definitionMissing({ code }: Pick<KubeStatus, 'code'>, path: string): PortError | undefined {
  const kind = ownKinds.get(path);
  if (kind === undefined || (code !== 404 && code !== 405)) return undefined;
  const message = `The API server does not serve ${kind}.${apiGroup}: its CustomResourceDefinition is missing or being deleted. Apply charts/tugboot/files/crds/${kind}.yaml; Tugboot waits for it and goes on by itself.`;
  return new PortError('definition-missing', message, { retryable: true });
}

/**
 * The definition is of an earlier version: it drops a field that every write has, or refuses a value that it
 * does not know. Retryable, as above.
 */
export function definitionOutdated(kind: 'reboots'): PortError {
  const message = `The CustomResourceDefinition of ${kind}.${apiGroup} is of an earlier version and does not keep what Tugboot stores. Apply charts/tugboot/files/crds/${kind}.yaml; Tugboot waits for it and goes on by itself.`;
  return new PortError('definition-missing', message, { retryable: true });
}
