import type { Millis } from '../ports/time.ts';

/**
 * Something that may say that a node needs a reboot. `name` is what people read on the card; a pool has each
 * name once.
 */
export type PoolSignal =
  /** Read by the agent on its host: the sentinel and its like, or a command that the agent was given. */
  | { readonly kind: 'reported'; readonly name: string }
  /** A condition of the Node. One that is not there asks for nothing. */
  | {
      readonly kind: 'condition';
      readonly name: string;
      readonly type: string;
      readonly status: 'True' | 'False' | 'Unknown';
    }
  /** A label of the Node; without a value any will do. */
  | { readonly kind: 'label'; readonly name: string; readonly key: string; readonly value?: string }
  | { readonly kind: 'annotation'; readonly name: string; readonly key: string; readonly value?: string }
  /** An annotation that holds a time and is never taken away: it asks while that time lies after the boot. */
  | { readonly kind: 'annotation-since-boot'; readonly name: string; readonly key: string }
  /** Asks after so long without a boot. */
  | { readonly kind: 'uptime'; readonly name: string; readonly longest: Millis };

export const sentinelSignal: PoolSignal = { kind: 'reported', name: 'sentinel' };

const condition = (name: string, type: string): PoolSignal => ({
  kind: 'condition',
  name,
  type,
  status: 'True',
});

const fluo = 'flatcar-linux-update.v1.flatcar-linux.net/reboot-needed';

/** Signals of other tools, by the name that a configuration calls them. */
export const clusterSignals: readonly PoolSignal[] = [
  // node-problem-detector, config/kernel-monitor.json: its two permanent problems.
  condition('npd-kernel-deadlock', 'KernelDeadlock'),
  condition('npd-readonly-filesystem', 'ReadonlyFilesystem'),
  // AKS: the platform has an event in store for the machine.
  condition('aks-vm-event', 'VMEventScheduled'),
  condition('kured', 'kured.dev/RebootRequired'),
  // kured 1 with --annotate-nodes: the time of the last need, which stays after the reboot.
  {
    kind: 'annotation-since-boot',
    name: 'kured-annotation',
    key: 'weave.works/kured-most-recent-reboot-needed',
  },
  // KEP-5683, node lifecycle conditions. The others of the set tell that somebody works on the node, which is
  // no wish for a reboot.
  condition('maintenance-planned', 'MaintenancePlanned'),
  { kind: 'annotation', name: 'fluo', key: fluo, value: 'true' },
  { kind: 'label', name: 'fluo-label', key: fluo, value: 'true' },
  { kind: 'annotation', name: 'deckhouse', key: 'update.node.deckhouse.io/disruption-required' },
];

/** Of a Node, all that a set of signals looks at; the rest of what is written there need not be kept. */
export interface WatchedNames {
  readonly conditions: ReadonlySet<string>;
  readonly annotations: ReadonlySet<string>;
  /** Annotations that hooks write. */
  readonly hookAnnotations: ReadonlySet<string>;
}

export function watchedNamesOf(signals: readonly PoolSignal[]): Omit<WatchedNames, 'hookAnnotations'> {
  const conditions = new Set<string>();
  const annotations = new Set<string>();
  for (const signal of signals) {
    if (signal.kind === 'condition') conditions.add(signal.type);
    if (signal.kind === 'annotation' || signal.kind === 'annotation-since-boot') annotations.add(signal.key);
  }
  return { conditions, annotations };
}
