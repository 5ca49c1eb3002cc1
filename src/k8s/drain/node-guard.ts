import type { Clock } from '../../reboot/ports/time.ts';
import type { DrainEvent, DrainRequest } from '../../reboot/ports/cluster.ts';
import type { NodeView } from '../../reboot/nodes/node-view.ts';
import { second, type Instant, type Millis } from '../../reboot/ports/time.ts';
import { listAt } from '../api/json-value.ts';
import { isAtBoot, nodeView } from '../nodes/read-node.ts';

export interface NodeSource {
  /** Fresh from the API server; undefined when there is no such node. */
  readonly readNode: (name: string) => Promise<unknown>;
  /** The node as the watch has it. */
  readonly watchedNode: (name: string) => NodeView | undefined;
  /** Calls back after each change of the node; returns how to stop. */
  readonly onNodeChange: (name: string, listener: () => void) => () => void;
}

/**
 * How long a look at the node is good for. Watches tell of its end at once, but a process that was frozen
 * wakes up to watches that tell of new pods before they tell of the new boot.
 */
const lookGoodFor: Millis = 15 * second;

/** Tells when the node itself ends its drain. */
export interface NodeGuard {
  /** Whether the watch hints at an end. It only hints: it may show the time before our cordon. */
  readonly suspects: () => boolean;
  /** A fresh look: why the drain is over, or undefined while it is not. */
  readonly look: () => Promise<DrainEvent | undefined>;
  /** Whether the last look is too old to act on. */
  readonly owesLook: () => boolean;
  /** Whether the node, at any look so far, had volumes attached. */
  readonly hadVolumes: () => boolean;
  /** What people should know of the node meanwhile. */
  readonly sentences: () => readonly string[];
  readonly stop: () => void;
}

export function guardNode(
  source: NodeSource & { readonly clock: Clock },
  { target }: DrainRequest,
  ring: () => void,
): NodeGuard {
  let news = false;
  let ready = true;
  let volumes = false;
  let lookedAt: Instant = Number.NEGATIVE_INFINITY;
  const stop = source.onNodeChange(target.node, () => {
    const node = source.watchedNode(target.node);
    news = !node || !isAtBoot(node, target) || !node.unschedulable;
    const turned = ready !== (node?.ready !== false);
    ready = node?.ready !== false;
    if (news || turned) ring();
  });
  return {
    suspects: () => news,
    async look() {
      const asked = source.clock.now();
      const object = await source.readNode(target.node);
      lookedAt = asked;
      news = false;
      volumes ||= listAt(object, 'status', 'volumesAttached').length > 0;
      const node = nodeView(object);
      ready = object === undefined || node.ready;
      if (object === undefined || !isAtBoot(node, target)) return { kind: 'superseded' };
      if (node.unschedulable) return undefined;
      const sentence = `Somebody uncordoned ${target.node} while it was being drained. Nothing more was evicted.`;
      return { kind: 'failed', code: 'uncordoned-by-other', sentence };
    },
    owesLook: () => source.clock.now() - lookedAt >= lookGoodFor,
    hadVolumes: () => volumes,
    sentences: () =>
      ready ? [] : [`${target.node} is not Ready: its pods are not seen to end until it is back.`],
    stop,
  };
}
