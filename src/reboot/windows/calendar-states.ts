/**
 * Calendars that exclude windows, or open them. src/calendars reads them; their content is part of the
 * policy.
 */
import type { CalendarCopy, PoolCalendar } from '../policy/pool-windows.ts';
import type { Policy } from '../policy/policy.ts';
import type { Millis } from '../time/time.ts';

/**
 * Where a calendar comes from. Its URL may contain a secret: it is never logged, shown or part of an error.
 */
export interface CalendarSource {
  readonly name: string;
  readonly use: PoolCalendar['use'];
  /** Time zone for events without one. */
  readonly timeZone: string;
  readonly from:
    | { readonly kind: 'file'; readonly path: string }
    | { readonly kind: 'url'; readonly url: string }
    /** A file that contains the URL, such as a mounted Secret. */
    | { readonly kind: 'url-file'; readonly path: string };
  /** Whether a plain http: URL is allowed. Loopback addresses are always allowed. */
  readonly plainHttp: boolean;
  /** The fetch interval in milliseconds. */
  readonly every: Millis;
}

/** The state of a calendar now. */
export interface CalendarState {
  readonly name: string;
  readonly copy?: CalendarCopy;
  /** Why the last attempt to read it failed, as text. */
  readonly problem?: string;
}

/**
 * The policy with the current content of the calendars. A calendar that is not in `states` keeps its content.
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
