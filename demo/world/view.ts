/** What the page draws beside the channel, and what its buttons can do to the demo world. */
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
  /** Whether the node's directory holds a sentinel file. */
  readonly sentinel: boolean;
  readonly pods: readonly WorldPod[];
}

export interface WorldPod {
  readonly namespace: string;
  readonly name: string;
  /** What brings it back: `Deployment`, `DaemonSet`, `StatefulSet`, or nothing. */
  readonly owner?: string;
  readonly state: 'pending' | 'starting' | 'running' | 'terminating';
}

export interface World {
  view(): WorldView;
  /** Calls back after each change; returns how to stop. */
  subscribe(onChange: () => void): () => void;
  /** Writes a sentinel and its package list into the node's directory, as `apt upgrade` would. */
  aptUpgrade(node: string): Promise<void>;
}
