import { type Change } from './history.ts';
import { type JsonObject } from '../json.ts';
import { present } from '../lists/representation.ts';
import { apiVersionOf, type ResourceType } from '../types/resource-type.ts';
import { withMetadata } from '../objects/object.ts';

export interface WatchEvent {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR';
  readonly object: JsonObject;
}

/**
 * The event of a change for a watch with a selector: an object that stops matching is DELETED for it, one
 * that starts to match is ADDED.
 */
export function eventFor(
  type: ResourceType,
  change: Change,
  selected: (object: JsonObject) => boolean,
): WatchEvent | undefined {
  const now = change.type !== 'DELETED' && selected(change.object);
  const before = change.previous !== undefined && selected(change.previous);
  if (now) return { type: before ? 'MODIFIED' : 'ADDED', object: present(type, change.object) };
  if (!before) return undefined;
  // The last state that matched, with the version of the change after which it no longer did.
  const last =
    change.type === 'DELETED'
      ? change.object
      : withMetadata(change.previous ?? change.object, { resourceVersion: String(change.revision) });
  return { type: 'DELETED', object: present(type, last) };
}

export function bookmark(type: ResourceType, revision: number, initialEventsEnd = false): WatchEvent {
  const annotations: JsonObject = initialEventsEnd
    ? { annotations: { 'k8s.io/initial-events-end': 'true' } }
    : {};
  const metadata = { resourceVersion: String(revision), creationTimestamp: null, ...annotations };
  return { type: 'BOOKMARK', object: { kind: type.kind, apiVersion: apiVersionOf(type), metadata } };
}
