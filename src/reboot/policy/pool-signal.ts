import type { Millis } from '../time/time.ts';

/** A signal that may require a reboot of a node. `name` is shown on the card and is unique in its pool. */
export type PoolSignal =
  /** Read by the agent on its host: the sentinel, a similar file, or a configured command. */
  | { readonly kind: 'reported'; readonly name: string }
  /** A condition of the Node. A missing condition means "no". */
  | {
      readonly kind: 'condition';
      readonly name: string;
      readonly type: string;
      readonly status: 'True' | 'False' | 'Unknown';
    }
  /** A label of the Node; without `value`, any value matches. */
  | { readonly kind: 'label'; readonly name: string; readonly key: string; readonly value?: string }
  | { readonly kind: 'annotation'; readonly name: string; readonly key: string; readonly value?: string }
  /**
   * An annotation that holds a time and is never removed: it requires a reboot while that time is later than
   * the boot.
   */
  | { readonly kind: 'annotation-since-boot'; readonly name: string; readonly key: string }
  /** Requires a reboot after this uptime, in milliseconds. */
  | { readonly kind: 'uptime'; readonly name: string; readonly longest: Millis };

export const sentinelSignal: PoolSignal = { kind: 'reported', name: 'sentinel' };

const condition = (name: string, type: string): PoolSignal => ({
  kind: 'condition',
  name,
  type,
  status: 'True',
});

const fluo = 'flatcar-linux-update.v1.flatcar-linux.net/reboot-needed';

/** Signals of other tools, by their names in the configuration. */
export const clusterSignals: readonly PoolSignal[] = [
  // node-problem-detector, config/kernel-monitor.json: its two permanent problems.
  condition('npd-kernel-deadlock', 'KernelDeadlock'),
  condition('npd-readonly-filesystem', 'ReadonlyFilesystem'),
  // AKS: the platform has scheduled an event for the machine.
  condition('aks-vm-event', 'VMEventScheduled'),
  condition('kured', 'kured.dev/RebootRequired'),
  // kured 1 with --annotate-nodes: the time of the last need, which remains after the reboot.
  {
    kind: 'annotation-since-boot',
    name: 'kured-annotation',
    key: 'weave.works/kured-most-recent-reboot-needed',
  },
  // KEP-5683, node lifecycle conditions. The other conditions of the set report maintenance in progress,
  // which does not require a reboot.
  condition('maintenance-planned', 'MaintenancePlanned'),
  { kind: 'annotation', name: 'fluo', key: fluo, value: 'true' },
  { kind: 'label', name: 'fluo-label', key: fluo, value: 'true' },
  { kind: 'annotation', name: 'deckhouse', key: 'update.node.deckhouse.io/disruption-required' },
];

/** The fields of a Node that a set of signals reads. The cache drops the rest. */
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
