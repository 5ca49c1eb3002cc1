import { createHash } from 'node:crypto';
import type { CoreV1Event } from '@kubernetes/client-node';
import type { ClusterEvent } from '../../reboot/nodes/cluster-event.ts';
import type { KubeClient } from '../api/client.ts';
import { unexpectedStatus } from '../api/kube-status.ts';
import { ownApiVersion, paths } from '../api/paths.ts';
import type { Received } from '../api/received.ts';

/**
 * The namespace of Events about cluster-scoped objects. The API server refuses them in others, and namespaced
 * objects need their own (validation of core/v1 Events).
 */
const ofClusterScoped = 'default';
const longestNote = 1024;
const longestName = 253;

/** The object of an Event (`involvedObject`). */
export interface Involved {
  readonly kind: string;
  readonly name: string;
  readonly uid?: string;
  readonly apiVersion?: string;
  readonly namespace?: string;
}

/** Deterministic: the same key gives the same name, so that recording twice creates one Event. */
export function eventName({ name }: Pick<Involved, 'name'>, { key }: Pick<ClusterEvent, 'key'>): string {
  const digest = createHash('sha256').update(key).digest('hex').slice(0, 16);
  return `${name.slice(0, longestName - digest.length - 1)}.${digest}`;
}

/** `kubectl describe` selects by name and UID: one Event for each object that has to show it. */
const involvedIn = ({ node, reboot }: ClusterEvent): readonly Involved[] => [
  // The kubelet sets the node's name as the UID, and `kubectl describe node` selects by that.
  { kind: 'Node', name: node, uid: node },
  ...(reboot ? [{ apiVersion: ownApiVersion, kind: 'Reboot', ...reboot }] : []),
];

type EventContent = Pick<ClusterEvent, 'key' | 'type' | 'reason' | 'note' | 'at'>;

const namespaceOf = ({ namespace }: Involved): string => namespace ?? ofClusterScoped;

const eventBody = (event: EventContent, involved: Involved): Received<CoreV1Event> => ({
  apiVersion: 'v1',
  kind: 'Event',
  metadata: { name: eventName(involved, event), namespace: namespaceOf(involved) },
  involvedObject: involved,
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
  await Promise.all(involvedIn(event).map((involved) => recordOn(client, event, involved)));
}

export async function recordOn(client: KubeClient, event: EventContent, involved: Involved): Promise<void> {
  const body = eventBody(event, involved);
  const answer = await client.send({ method: 'POST', path: paths.events(namespaceOf(involved)), body });
  if (!answer.ok && answer.status.code !== 409)
    throw unexpectedStatus(answer.status, `recording an Event on ${involved.kind} ${involved.name}`);
}
