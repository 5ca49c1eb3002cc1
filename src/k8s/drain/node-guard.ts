import { type Clock, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { DrainEvent, DrainRequest } from '../../reboot/ports/cluster/drains.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import type { RecentObject } from '../watch/recent-objects.ts';
import type { KubeNode } from '../nodes/kube-node.ts';
import { isAtBoot, nodeView } from '../nodes/read-node.ts';

export interface NodeSource {
  /** Reads from the API server; undefined when there is no such node. */
  readonly readNode: (name: string) => Promise<KubeNode | undefined>;
  /** The node as this process has read or written it just now. */
  readonly recentNode: (name: string) => RecentObject<KubeNode> | undefined;
  /** The node in the watch's cache. */
  readonly watchedNode: (name: string) => NodeView | undefined;
  /** Calls `listener` after each change of the node; returns the function that unsubscribes. */
  readonly onNodeChange: (name: string, listener: () => void) => () => void;
}

/**
 * How long a check of the node stays valid. Watches report the end of a drain at once, but in a process that
 * was suspended the pods' watch may deliver new pods before the nodes' watch delivers the new boot.
 */
const checkValidFor: Millis = 15 * second;

/** Detects that the node's own state ends the drain: another boot, or an uncordon. */
export interface NodeGuard {
  /** Whether the watch suggests an end. Not conclusive: its cache may be older than our cordon. */
  readonly suspectsEnd: () => boolean;
  /** As `check`, without a request where this process has just read or written the node: it cordoned it. */
  readonly begin: () => Promise<DrainEvent | undefined>;
  /** Reads the node: the event that ends the drain, or undefined while it may go on. */
  readonly check: () => Promise<DrainEvent | undefined>;
  /** Whether the last check is too old to act on. */
  readonly isCheckStale: () => boolean;
  /** Whether any check so far found volumes attached to the node. */
  readonly hadVolumes: () => boolean;
  readonly isReady: () => boolean;
  /** Conditions of the node that the progress shows to people. */
  readonly sentences: () => readonly string[];
  readonly stop: () => void;
}

export function guardNode(
  source: NodeSource & { readonly clock: Clock },
  { target }: DrainRequest,
  notify: () => void,
): NodeGuard {
  let suspected = false;
  let ready = true;
  let volumesSeen = false;
  let checkedAt: Instant = Number.NEGATIVE_INFINITY;
  const stop = source.onNodeChange(target.node, () => {
    const node = source.watchedNode(target.node);
    suspected = !node || !isAtBoot(node, target) || !node.unschedulable;
    const readyChanged = ready !== (node?.ready !== false);
    ready = node?.ready !== false;
    if (suspected || readyChanged) notify();
  });
  const take = (object: KubeNode | undefined, readAt: Instant): DrainEvent | undefined => {
    checkedAt = readAt;
    suspected = false;
    volumesSeen ||= (object?.status?.volumesAttached ?? []).length > 0;
    const node = object && nodeView(object);
    ready = node?.ready !== false;
    if (node === undefined || !isAtBoot(node, target)) return { kind: 'superseded' };
    if (node.unschedulable) return undefined;
    const sentence = `Somebody uncordoned ${target.node} while it was being drained. Nothing more was evicted.`;
    return { kind: 'failed', code: 'uncordoned-by-other', sentence };
  };
  const check = async (): Promise<DrainEvent | undefined> => {
    const readAt = source.clock.now();
    return take(await source.readNode(target.node), readAt);
  };
  return {
    suspectsEnd: () => suspected,
    check,
    async begin() {
      const recent = source.recentNode(target.node);
      // An end is decided on a fresh read only.
      return recent === undefined || take(recent.object, recent.at) !== undefined ? check() : undefined;
    },
    isCheckStale: () => source.clock.now() - checkedAt >= checkValidFor,
    hadVolumes: () => volumesSeen,
    isReady: () => ready,
    sentences: () =>
      ready ? [] : [`${target.node} is not Ready: its pods are not seen to end until it is back.`],
    stop,
  };
}
