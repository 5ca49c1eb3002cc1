/** What the bot reads of a node and its agent in one go, and what its writes to a node are bound to. */
import type { NodeNote } from './node-note.ts';
import type { NodeReport } from './node-report.ts';
import type { NodeView } from './node-view.ts';

/** The NodeAgent object of a node. */
export interface AgentView {
  readonly node: string;
  /** The boot ID of the pending order, if any. */
  readonly endBoot?: string;
  /** Absent until the agent has reported for the first time. */
  readonly report?: NodeReport;
  /** Why `status` cannot be parsed; absent when it can. */
  readonly unreadable?: string;
  /** The note on signals of the node that cannot be read. */
  readonly unknownSignals?: NodeNote;
  /** The note on other components that reboot the node. */
  readonly rebooters?: NodeNote;
}

/** One fresh read of a node, from the API server and not from a cache. */
export interface Observation {
  /** Undefined when the node is gone. */
  readonly node?: NodeView;
  readonly agent?: AgentView;
  /** DaemonSet pods of the node that are not ready. Read only while settling; else empty. */
  readonly daemonPodsNotReady: readonly DaemonPod[];
}

/** Both are `namespace/name`. */
export interface DaemonPod {
  readonly daemonSet: string;
  readonly pod: string;
}

/**
 * The precondition of a write to a node: at another boot, or on another machine of the same name, it must not
 * happen.
 */
export interface BootTarget {
  readonly node: string;
  readonly uid: string;
  readonly bootId: string;
}
