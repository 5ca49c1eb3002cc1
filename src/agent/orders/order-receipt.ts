import type { OrderReceipt } from '../../reboot/nodes/node-report.ts';

/** How an order relates to the running boot. */
export type OrderMeaning =
  /** It names another boot: the node has booted since, or the order never matched. */
  | 'other-boot'
  /** The reboot has been requested already; only a new boot, a withdrawal or a new order changes that. */
  | 'obeyed'
  /** It names this boot and was not obeyed yet; it also requires a cordoned node. */
  | 'for-us';

export interface StandingOrder {
  readonly endBoot: string;
  readonly bootId: string;
  readonly receipt: OrderReceipt | undefined;
}

export function meaningOf({ endBoot, bootId, receipt }: StandingOrder): OrderMeaning {
  if (endBoot !== bootId) return 'other-boot';
  return receipt?.endBoot === endBoot && receipt.state === 'obeying' ? 'obeyed' : 'for-us';
}

/** A receipt equal to the one before keeps its time, so that a lasting condition is one write. */
export function renewReceipt(before: OrderReceipt | undefined, next: OrderReceipt): OrderReceipt {
  const same =
    before?.endBoot === next.endBoot &&
    before.state === next.state &&
    before.message === next.message &&
    before.generation === next.generation;
  return same ? before : next;
}

/**
 * Whether the object holds another order than the one that the receipt answers. An order that was withdrawn
 * and given again has the same content; only the generation, which both writes incremented, differs.
 */
export function isOvertaken(
  receipt: OrderReceipt,
  object: { readonly endBoot: string | undefined; readonly generation: number | undefined },
): boolean {
  // A receipt without a generation (of an older agent) is ended only by an observed withdrawal.
  if (receipt.generation === undefined || object.generation === undefined)
    return object.endBoot === undefined;
  return object.generation > receipt.generation;
}
