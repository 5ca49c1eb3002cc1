import type { DrainEvent, DrainRequest, NodeView } from '../../reboot/ports.ts';
import { isAtBoot, nodeView } from '../nodes/node-view.ts';

export interface NodeSource {
  /** Fresh from the API server; undefined when there is no such node. */
  readonly readNode: (name: string) => Promise<unknown>;
  /** The node as the watch has it. */
  readonly watchedNode: (name: string) => NodeView | undefined;
  /** Calls back after each change of the node; returns how to stop. */
  readonly onNodeChange: (name: string, listener: () => void) => () => void;
}

/** Tells when the node itself ends its drain. */
export interface NodeGuard {
  /** Whether the watch hints at an end. It only hints: it may show the time before our cordon. */
  readonly suspects: () => boolean;
  /** A fresh look: why the drain is over, or undefined while it is not. */
  readonly look: () => Promise<DrainEvent | undefined>;
  readonly stop: () => void;
}

export function guardNode(source: NodeSource, { target }: DrainRequest, ring: () => void): NodeGuard {
  let news = false;
  const stop = source.onNodeChange(target.node, () => {
    const node = source.watchedNode(target.node);
    news = !node || !isAtBoot(node, target) || !node.unschedulable;
    if (news) ring();
  });
  return {
    suspects: () => news,
    async look() {
      const object = await source.readNode(target.node);
      news = false;
      const node = nodeView(object);
      if (object === undefined || !isAtBoot(node, target)) return { kind: 'superseded' };
      if (node.unschedulable) return undefined;
      const sentence = `Somebody uncordoned ${target.node} while it was being drained. Nothing more was evicted.`;
      return { kind: 'failed', code: 'uncordoned-by-other', sentence };
    },
    stop,
  };
}
