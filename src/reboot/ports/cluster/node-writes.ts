/**
 * What is written to nodes and to their NodeAgents. Each write is conditional on the boot that it is meant
 * for, which the API server checks.
 */
import type { ClusterEvent } from '../../nodes/cluster-event.ts';
import type { NodeNote, NoteTopic } from '../../nodes/node-note.ts';
import type { NodeView } from '../../nodes/node-view.ts';
import type { BootTarget } from '../../nodes/observation.ts';
import type { WantedLabels } from '../../ownership/managed-labels.ts';

/**
 * Whether a write is still due. Called between the read that a write is conditional on and the write itself:
 * a late worker detects there that another replica has continued. A change after the call makes the write
 * fail. `version`: of the object, where the write is conditional on it.
 */
export type StillOwed = (version?: string) => Promise<boolean>;

export interface Cordons {
  /** `other`: it was cordoned already, not by `owner`. */
  cordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'us' | 'other' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /** Only if `owner` cordoned it. `kept`: the cordon belongs to another. */
  uncordon(
    target: BootTarget,
    owner: string,
    still?: StillOwed,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /**
   * Removes the cordon annotation of `owner` from a node that was uncordoned by others; `kept` when the node
   * is cordoned.
   */
  forgetCordon(target: BootTarget, owner: string): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
}

export interface NodeLabels {
  /**
   * Updates the node's managed labels, annotations and taints to what `wanted` returns for the node as read
   * for the write. No write when nothing changes.
   */
  label(
    target: BootTarget,
    wanted: (node: NodeView) => WantedLabels,
    still?: StillOwed,
  ): Promise<'done' | 'wrong-boot' | 'gone' | 'not-owed'>;
}

/** Reboots that people request by an annotation of the node. */
export interface NodeRequests {
  /** Removes the annotation, once a Reboot exists for it. `kept`: the annotation has changed since. */
  takeRequest(
    target: BootTarget,
    asked: Pick<NodeView, 'requested' | 'requestedBy'>,
  ): Promise<'done' | 'kept' | 'wrong-boot' | 'gone'>;
  /**
   * Whether the API server rejects a requester name that differs from the writer; tested by a dry-run on this
   * node.
   */
  isRequesterProven(target: BootTarget): Promise<boolean>;
}

/** The orders to the agents, and the objects that hold them. */
export interface Orders {
  ensureAgent(node: Pick<NodeView, 'name' | 'uid'>): Promise<'created' | 'exists' | 'node-gone'>;
  /** Orders the agent to end this boot; with `anyway`, even while packages are being changed. Idempotent. */
  order(
    target: BootTarget,
    still?: StillOwed,
    anyway?: boolean,
  ): Promise<'ordered' | 'wrong-boot' | 'gone' | 'not-owed'>;
  /**
   * Clears the order, or only the order to end `endBoot`; `done` also when there was none. With `late`, an
   * order that another worker is about to give fails, too: its `still` was answered before.
   */
  withdrawOrder(node: string, endBoot?: string, late?: 'late-too'): Promise<'done' | 'gone'>;
}

/** What is recorded about a node, for people, for other tools, and for the next replica. */
export interface NodeRecords {
  /** The condition RebootRequired. */
  setRebootRequired(
    target: BootTarget,
    status: 'True' | 'False' | 'Unknown',
    message: string,
  ): Promise<'done' | 'wrong-boot' | 'gone'>;
  /** Records an Event, once for each key. */
  record(event: ClusterEvent): Promise<void>;
  /** Replaces the note on the node's NodeAgent, if it still equals `was`; undefined means no note. */
  writeNote(
    node: string,
    was: NodeNote | undefined,
    next: NodeNote | undefined,
    topic?: NoteTopic,
  ): Promise<'done' | 'conflict' | 'gone'>;
}
