import type { SlackClock } from '../clock.ts';
import type { Ids } from '../ids.ts';

/** Each address of apps.connections.open lets one connection in, and not for long. */
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
