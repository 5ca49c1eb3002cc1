import { type CalendarSource, type CalendarState, withCalendars } from '../reboot/windows/calendar-states.ts';
import type { Policy } from '../reboot/policy/policy.ts';
import { type CalendarReader, calendarReader, type ReaderDeps } from './calendar-reader.ts';
import type { WatchFolder } from './watch-folder.ts';

export interface CalendarsDeps extends Omit<ReaderDeps, 'onChange'> {
  readonly every: (ms: number, signal: AbortSignal, callback: () => void) => void;
  readonly watchFolder: WatchFolder;
  /** Called when events that windows depend on have changed. */
  readonly onChange: () => void;
}

export interface Calendars {
  /** Sets the calendars of the configuration. The copy of a calendar whose source is unchanged is kept. */
  follow(sources: readonly CalendarSource[]): void;
  /**
   * Reads now, and again when it is due, until `signal` aborts. Returns at once: until a calendar is read,
   * the policy marks it as not read.
   */
  start(signal: AbortSignal): void;
  /** The policy with the events of its calendars. The same object as long as neither changes. */
  inForce(policy: Policy): Policy;
  /** For people: which copy of each calendar is in use, and why there is no newer one. */
  states(): readonly CalendarState[];
}

/** Files are checked at this interval, URLs when their refresh is due. */
const pollInterval = 10_000;

/** A calendar that is read, and what stops it. */
interface Followed {
  readonly source: CalendarSource;
  readonly reader: CalendarReader;
  readonly unfollow: AbortController;
}

export function createCalendars(deps: CalendarsDeps): Calendars {
  let followed: readonly Followed[] = [];
  let running: AbortSignal | undefined;
  let inForce: { readonly of: Policy; readonly policy: Policy } | undefined;
  const onChange: ReaderDeps['onChange'] = ({ matters }) => {
    inForce = undefined;
    if (matters) deps.onChange();
  };
  const follow = (source: CalendarSource): Followed => {
    const one = {
      source,
      reader: calendarReader(source, { ...deps, onChange }),
      unfollow: new AbortController(),
    };
    if (running) begin(one, running, deps);
    return one;
  };
  return {
    follow(sources) {
      const kept = new Set<Followed>();
      const next = sources.map((source) => {
        const known = followed.find(({ reader }) => reader.isFor(source));
        if (known) kept.add(known);
        return known ?? follow(source);
      });
      for (const one of followed) if (!kept.has(one)) one.unfollow.abort();
      followed = next;
      inForce = undefined;
    },
    start(signal) {
      running = signal;
      for (const one of followed) begin(one, signal, deps);
      deps.every(pollInterval, signal, () => {
        for (const { reader, unfollow } of followed) void reader.refresh(unfollow.signal);
      });
    },
    inForce(policy) {
      if (inForce?.of !== policy) {
        const states = new Map(followed.map(({ reader }) => [reader.name, reader.state()]));
        inForce = { of: policy, policy: withCalendars(policy, states) };
      }
      return inForce.policy;
    },
    states: () => followed.map(({ reader }) => reader.state()),
  };
}

function begin(
  { source, reader, unfollow }: Followed,
  running: AbortSignal,
  { watchFolder }: CalendarsDeps,
): void {
  const { signal } = unfollow;
  running.addEventListener('abort', () => unfollow.abort(), { once: true, signal });
  void reader.refresh(signal);
  if (source.from.kind === 'file') watchFolder(source.from.path, signal, () => void reader.refresh(signal));
}
