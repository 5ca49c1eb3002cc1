import { createHash } from 'node:crypto';
import type { ClusterEvent } from '../../reboot/ports.ts';
import type { KubeClient } from '../api/client.ts';
import { refusal } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';

/** Events about cluster-scoped objects live here: the API server refuses them elsewhere (validation of core/v1 Events). */
const namespace = 'default';
const longestNote = 1024;
const longestName = 253;

/** The same key gives the same name, so that telling twice is one Event. */
export function eventName(event: Pick<ClusterEvent, 'node' | 'key'>): string {
  const digest = createHash('sha256').update(event.key).digest('hex').slice(0, 16);
  return `${event.node.slice(0, longestName - digest.length - 1)}.${digest}`;
}

const eventBody = (event: ClusterEvent): unknown => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: eventName(event), namespace },
  // The kubelet names nodes by name in place of the UID, and `kubectl describe node` looks for that.
  involvedObject: { kind: 'Node', name: event.node, uid: event.node },
  type: event.type,
  reason: event.reason,
  message: event.note.slice(0, longestNote),
  source: { component: 'tugboot' },
  reportingComponent: 'tugboot',
  reportingInstance: 'tugboot',
  firstTimestamp: event.at,
  lastTimestamp: event.at,
  count: 1,
});

export async function recordEvent(client: KubeClient, event: ClusterEvent): Promise<void> {
  const answer = await client.send({ method: 'POST', path: paths.events(namespace), body: eventBody(event) });
  if (!answer.ok && answer.status.code !== 409)
    throw refusal(answer.status, `recording an Event on node ${event.node}`);
}
