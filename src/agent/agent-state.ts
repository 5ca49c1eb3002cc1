import type { OrderReceipt } from '../reboot/nodes/node-report.ts';
import type { HostFacts } from './host/host.ts';
import type { NodeAgent } from './api/node-agent.ts';
import { isOvertaken } from './orders/order-receipt.ts';
import { storedReceipt } from './report.ts';

/** All that the agent knows; each step looks at it afresh. */
export interface AgentState {
  /** Undefined until the bot has made the object, or while it is unknown. */
  object: NodeAgent | undefined;
  facts: HostFacts | undefined;
  /** When `facts` were read. */
  readAt: number;
  receipt: OrderReceipt | undefined;
  /** A failed attempt to obey is not repeated before this instant. */
  notBefore: number;
  /** The host's files may have changed since `facts` were read. */
  stale: boolean;
  /** What was written last, and what the server made of it. */
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
 * Takes in the object as just read, written or heard of. An older state than the one known changes nothing
 * but the receipt.
 */
export function takeObject(state: AgentState, object: NodeAgent | undefined): void {
  if (object === undefined) {
    // No object, no order: one in an object made anew is another order.
    forgetOrder(state);
    state.object = undefined;
    return;
  }
  if (state.object?.uid !== object.uid) {
    forgetOrder(state);
    // After a restart the stored receipt is all that is remembered. Later, the own memory is the better one.
    state.receipt = storedReceipt(object.status);
    state.object = undefined;
  }
  // What is older than the receipt is old news, which the answer to the agent's own write had overtaken.
  if (state.receipt !== undefined && isOvertaken(state.receipt, object)) forgetOrder(state);
  if (!isOlder(object.resourceVersion, state.object?.resourceVersion)) state.object = object;
}

function forgetOrder(state: AgentState): void {
  state.receipt = undefined;
  state.notBefore = 0;
}

/**
 * Resource versions of one kind of object are decimal numbers that grow (kubernetes.io: API concepts,
 * resource versions, since
 * 1.35 by contract and before it in fact). Anything else is never called older.
 */
export function isOlder(version: string, than: string | undefined): boolean {
  if (than === undefined || !/^\d+$/.test(version) || !/^\d+$/.test(than)) return false;
  return BigInt(version) < BigInt(than);
}
