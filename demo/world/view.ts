/** The cluster that the page draws beside the channel, and the actions of its buttons. */
export interface WorldView {
  readonly nodes: readonly WorldNode[];
}

export interface WorldNode {
  readonly name: string;
  readonly controlPlane: boolean;
  readonly ready: boolean;
  readonly cordoned: boolean;
  /** `rebooting` from the reset until the kubelet is back. */
  readonly power: 'on' | 'rebooting';
  readonly kernel: string;
  readonly bootId: string;
  /** True if the node's directory holds a sentinel file. */
  readonly sentinel: boolean;
  readonly pods: readonly WorldPod[];
}

export interface WorldPod {
  readonly namespace: string;
  readonly name: string;
  /** The controller that replaces it: `Deployment`, `DaemonSet`, `StatefulSet`, or absent. */
  readonly owner?: string;
  readonly state: 'pending' | 'starting' | 'running' | 'terminating';
}

export interface World {
  view(): WorldView;
  /** Calls back after each change; returns a function that unsubscribes. */
  subscribe(onChange: () => void): () => void;
  /** Writes a sentinel and its package list into the node's directory, as `apt upgrade` would. */
  aptUpgrade(node: string): Promise<void>;
  /** The same on all workers at once, as on a patch day. */
  patchWorkers(): Promise<void>;
}
