import type { SlackClock } from '../clock.ts';
import type { Ids } from '../ids.ts';

/** Each URL of apps.connections.open admits one connection, for a short time. */
export interface Tickets {
  issue(): string;
  redeem(ticket: string): boolean;
}

const lifetime = 30_000;

export function createTickets(ids: Ids, clock: SlackClock): Tickets {
  const issued = new Map<string, number>();
  return {
    issue() {
      const ticket = ids.uuid();
      issued.set(ticket, clock.now() + lifetime);
      return ticket;
    },
    redeem(ticket) {
      const expires = issued.get(ticket);
      issued.delete(ticket);
      return expires !== undefined && clock.now() <= expires;
    },
  };
}
