import { type CalendarSource, type CalendarState, withCalendars } from '../reboot/windows/calendar-states.ts';
import type { Policy } from '../reboot/policy/policy.ts';
import { type CalendarReader, calendarReader, type ReaderDeps } from './calendar-reader.ts';
import type { WatchFolder } from './watch-folder.ts';

export interface CalendarsDeps extends Omit<ReaderDeps, 'onChange'> {
  readonly every: (ms: number, signal: AbortSignal, callback: () => void) => void;
  readonly watchFolder: WatchFolder;
  /** Something that windows are made of is different now. */
  readonly onChange: () => void;
}

export interface Calendars {
  /** What the configuration names from now on. What is known of a calendar that stays the same is kept. */
  follow(sources: readonly CalendarSource[]): void;
  /**
   * Reads now, and again when it is time, until `signal` aborts. Does not wait: until a calendar is read, the
   * policy says that it is not.
   */
  start(signal: AbortSignal): void;
  /** The policy with what the calendars hold. The very same object as long as neither changes. */
  inForce(policy: Policy): Policy;
  /** For people: which copy of each is used, and why none newer is. */
  states(): readonly CalendarState[];
}

/** Files are looked at this often, and addresses when their time has come. */
const lookEvery = 10_000;

/** A calendar that is followed, and what ends that. */
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
      deps.every(lookEvery, signal, () => {
        for (const { reader, unfollow } of followed) void reader.look(unfollow.signal);
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
  void reader.look(signal);
  if (source.from.kind === 'file') watchFolder(source.from.path, signal, () => void reader.look(signal));
}
