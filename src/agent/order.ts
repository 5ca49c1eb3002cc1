import type { OrderReceipt } from '../reboot/node-report.ts';

/** What an order means to the boot that runs. */
export type OrderMeaning =
  /** It ends another boot: the node has booted since, or the order was never meant for it. */
  | 'other-boot'
  /** The host was asked already, and only a new boot or a withdrawal ends that. */
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
    before?.endBoot === next.endBoot && before.state === next.state && before.message === next.message;
  return same ? before : next;
}
