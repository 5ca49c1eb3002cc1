import type { SlackClock } from '../clock.ts';
import type { Ids } from '../ids.ts';
import { textAt, type Json, type JsonObject } from '../json.ts';
import { ackDeadline } from './ack-deadline.ts';
import type { Connection } from './connection.ts';

export type Delivery =
  | { readonly kind: 'acked'; readonly payload: Json }
  /** No acknowledgement within three seconds. */
  | { readonly kind: 'timeout' }
  /** No connection: Slack does not queue deliveries. */
  | { readonly kind: 'no-socket' };

export interface Envelope {
  readonly type: 'events_api' | 'interactive' | 'slash_commands';
  readonly payload: JsonObject;
  readonly acceptsResponse: boolean;
  /** Only events carry these. */
  readonly retry?: { readonly attempt: number; readonly reason: string };
}

/** Sends envelopes and waits for their acknowledgements. */
export interface Deliveries {
  send(connection: Connection, envelope: Envelope): Promise<Delivery>;
  acknowledge(body: JsonObject): void;
  duplicateNext(): void;
  delayAcks(ms: number): void;
}

export function createDeliveries({
  ids,
  clock,
}: {
  readonly ids: Ids;
  readonly clock: SlackClock;
}): Deliveries {
  const waiting = new Map<string, (delivery: Delivery) => void>();
  let copies = 1;
  let ackDelay = 0;
  return {
    send(connection, envelope) {
      const id = ids.uuid();
      return new Promise((resolve) => {
        const settle = (delivery: Delivery): void => {
          cancel();
          waiting.delete(id);
          resolve(delivery);
        };
        const cancel = clock.after(ackDeadline, () => settle({ kind: 'timeout' }));
        waiting.set(id, settle);
        for (let copy = 0; copy < copies; copy += 1) connection.send(frameOf(id, envelope));
        copies = 1;
      });
    },
    acknowledge(body) {
      // Slack ignores a late or second acknowledgement.
      const settle = (): void =>
        waiting.get(textAt(body, 'envelope_id'))?.({ kind: 'acked', payload: body['payload'] ?? null });
      if (ackDelay > 0) clock.after(ackDelay, settle);
      else settle();
    },
    duplicateNext: () => void (copies = 2),
    delayAcks: (ms) => void (ackDelay = ms),
  };
}

const frameOf = (id: string, { type, payload, acceptsResponse, retry }: Envelope): JsonObject => ({
  envelope_id: id,
  type,
  payload,
  accepts_response_payload: acceptsResponse,
  ...(type === 'events_api' ? { retry_attempt: retry?.attempt ?? 0, retry_reason: retry?.reason ?? '' } : {}),
});
