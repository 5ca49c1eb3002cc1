/**
 * Calendars that say when windows stay closed, or open. src/calendars reads them; the core sees what they
 * hold as part of the policy.
 */
import type { CalendarCopy, PoolCalendar } from '../policy/pool-windows.ts';
import type { Policy } from '../policy/policy.ts';
import type { Millis } from '../ports/time.ts';

/**
 * Where a calendar comes from. Its address may be as good as a password: it is never logged, shown or part of
 * an error.
 */
export interface CalendarSource {
  readonly name: string;
  readonly use: PoolCalendar['use'];
  /** Zone of its events that name none. */
  readonly timeZone: string;
  readonly from:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'url'; readonly url: string }
    /** A file that holds the address, such as a mounted Secret. */
    | { readonly kind: 'url-file'; readonly path: string };
  /** May its address begin with http:? Loopback always may. */
  readonly plainHttp: boolean;
  /** How often it is fetched. */
  readonly every: Millis;
}

/** What is known of a calendar now. */
export interface CalendarState {
  readonly name: string;
  readonly copy?: CalendarCopy;
  /** Why the last try to read it failed, in words. */
  readonly problem?: string;
}

/**
 * The policy with what the calendars hold now. A pool keeps what it says of a calendar that `states` does not
 * know.
 */
export function withCalendars(policy: Policy, states: ReadonlyMap<string, CalendarState>): Policy {
  const pools = policy.pools.map((pool) => ({
    ...pool,
    calendars: pool.calendars.map((calendar): PoolCalendar => ({
      ...calendar,
      ...states.get(calendar.name),
    })),
  }));
  return { ...policy, pools };
}
