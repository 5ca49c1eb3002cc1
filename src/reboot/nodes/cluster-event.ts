import type { Timestamp } from '../ports/time.ts';

/** What Tugboot tells with an Event of Kubernetes. */
export interface ClusterEvent {
  readonly node: string;
  readonly nodeUid: string;
  /** The Reboot that it is about as well: `kubectl describe` finds its Events by name and UID. */
  readonly reboot?: { readonly name: string; readonly uid: string };
  /** Makes the Event's name, so that writing it twice is one Event. */
  readonly key: string;
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase, as Kubernetes has it. */
  readonly reason: string;
  readonly note: string;
  readonly at: Timestamp;
}
