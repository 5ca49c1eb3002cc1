import type { OrderReceipt } from '../../reboot/nodes/node-report.ts';

/** What an order means to the boot that runs. */
export type OrderMeaning =
  /** It ends another boot: the node has booted since, or the order was never meant for it. */
  | 'other-boot'
  /** The host was asked already, and only a new boot, a withdrawal or a new order ends that. */
  | 'obeyed'
  /** It is for this boot: whether the node is cordoned decides. */
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

/** A receipt that says the same as the one before keeps its time: a condition that lasts is one write. */
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
 * and given again looks the same; only the generation, which each of the two writes has raised, tells it from
 * the first one.
 */
export function isOvertaken(
  receipt: OrderReceipt,
  object: { readonly endBoot: string | undefined; readonly generation: number | undefined },
): boolean {
  // A receipt of an agent that did not note it: a withdrawal that is seen ends it, and nothing else.
  if (receipt.generation === undefined || object.generation === undefined)
    return object.endBoot === undefined;
  return object.generation > receipt.generation;
}
