import type { Timestamp } from '../time/time.ts';

/** A Kubernetes Event that Tugboot writes. */
export interface ClusterEvent {
  readonly node: string;
  readonly nodeUid: string;
  /** The related Reboot: `kubectl describe` finds Events by its name and UID. */
  readonly reboot?: { readonly name: string; readonly uid: string };
  /** The name of the Event is derived from it, so that repeated writes give one Event. */
  readonly key: string;
  readonly type: 'Normal' | 'Warning';
  /** UpperCamelCase, by the convention of Kubernetes. */
  readonly reason: string;
  readonly note: string;
  readonly at: Timestamp;
}
