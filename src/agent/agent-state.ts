import type { OrderReceipt } from '../reboot/nodes/node-report.ts';
import type { HostFacts } from './host/host.ts';
import type { NodeAgent } from './api/node-agent.ts';
import { isOvertaken } from './orders/order-receipt.ts';
import { storedReceipt } from './report.ts';

/** All state of the agent; each step evaluates it from scratch. */
export interface AgentState {
  /** Undefined until the bot has created the object and the agent has read it. */
  object: NodeAgent | undefined;
  facts: HostFacts | undefined;
  /** When `facts` were read, in milliseconds since the epoch. */
  readAt: number;
  receipt: OrderReceipt | undefined;
  /** Earliest time of the next attempt to obey, after a failed one. */
  notBefore: number;
  /** The host's files may have changed since `facts` were read. */
  stale: boolean;
  /** The last report written, and the status that the API server returned for it. */
  written: { readonly report: string; readonly stored: string } | undefined;
}

export const newAgentState = (): AgentState => ({
  object: undefined,
  facts: undefined,
  readAt: 0,
  receipt: undefined,
  notBefore: 0,
  stale: false,
  written: undefined,
});

/**
 * Stores the object as read, watched or returned by a write. A resource version older than the stored one
 * changes nothing but the receipt.
 */
export function takeObject(state: AgentState, object: NodeAgent | undefined): void {
  if (object === undefined) {
    // Without an object there is no order. An order in a recreated object is a new order.
    forgetOrder(state);
    state.object = undefined;
    return;
  }
  if (state.object?.uid !== object.uid) {
    forgetOrder(state);
    // After a restart the stored receipt is the only record. Later the receipt in memory is at least as new.
    state.receipt = storedReceipt(object.status);
    state.object = undefined;
  }
  // The object may be older than the receipt: the response to the agent's own write overtakes the watch.
  if (state.receipt !== undefined && isOvertaken(state.receipt, object)) forgetOrder(state);
  if (!isOlder(object.resourceVersion, state.object?.resourceVersion)) state.object = object;
}

function forgetOrder(state: AgentState): void {
  state.receipt = undefined;
  state.notBefore = 0;
}

/**
 * Resource versions of one resource are decimal numbers that increase (kubernetes.io: API concepts, resource
 * versions; guaranteed since 1.35, true in practice before). Returns false for anything else.
 */
export function isOlder(version: string, than: string | undefined): boolean {
  if (than === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return BigInt(version) < BigInt(than);
}
