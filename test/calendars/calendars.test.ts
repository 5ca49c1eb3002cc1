import { execFileSync } from 'node:child_process';
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createCalendars } from '../../src/calendars/calendars.ts';
import { expand } from '../../src/calendars/ical/expand.ts';
import type { FetchCalendar } from '../../src/calendars/fetch-calendar.ts';
import { readSource } from '../../src/calendars/read-source.ts';
import type { CalendarSource } from '../../src/reboot/windows/calendar-states.ts';
import { day, hour, minute } from '../../src/reboot/time/time.ts';
import { isOpenAt, nextOpening } from '../../src/reboot/windows/openings.ts';
import { windowNotes } from '../../src/reboot/windows/notes.ts';
import { aPolicy, aPool, aWindow, noon } from '../fakes/builders.ts';
import { fakeClock } from '../fakes/fake-clock.ts';
import { anEvent, anIcs } from './an-ics.ts';

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

function aFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'calendars-'));
  folders.push(folder);
  return folder;
}

const aSource = (overrides: Partial<CalendarSource> = {}): CalendarSource => ({
  name: 'holidays',
  use: 'exclude',
  timeZone: 'UTC',
  from: { kind: 'url', url: 'https://calendar.example.com/secret.ics' },
  plainHttp: false,
  every: hour,
  ...overrides,
});

/** The tests' noon is a Sunday; the window is open all of it. */
const sundays = aWindow({ days: ['sun'], start: 0, length: 24 * 60, timeZone: 'UTC' });
const policy = aPolicy({
  pools: [aPool({ windows: [sundays], calendars: [{ name: 'holidays', use: 'exclude', timeZone: 'UTC' }] })],
});
const thisSunday = anIcs(anEvent('DTSTART;VALUE=DATE:20261122'));
const nextSunday = anIcs(anEvent('DTSTART;VALUE=DATE:20261129'));

/** Calendars on a clock that the test moves, and a server that answers what the test says. */
function aHarness(sources: readonly CalendarSource[] = [aSource()]) {
  const clock = fakeClock();
  const logged: string[] = [];
  const log = (message: string, fields?: object): void =>
    void logged.push(`${message} ${JSON.stringify(fields)}`);
  const logger = { debug: log, info: log, warn: log, error: log, child: () => logger };
  let changes = 0;
  let expanded = 0;
  let tick = (): void => undefined;
  let stir = (): void => undefined;
  const server: { answer: FetchCalendar; fetched: number } = {
    fetched: 0,
    answer: async () => ({ kind: 'text', text: thisSunday, validators: {} }),
  };
  const fetchCalendar: FetchCalendar = (request, signal) => {
    server.fetched += 1;
    return server.answer(request, signal);
  };
  const read = readSource(fetchCalendar);
  let reading = 0;
  const calendars = createCalendars({
    read: (...asked) => {
      reading += 1;
      return read(...asked).finally(() => {
        reading -= 1;
      });
    },
    expand: async (request) => {
      expanded += 1;
      return expand(request);
    },
    clock,
    logger,
    every: (_ms, _signal, callback) => {
      tick = callback;
    },
    watchFolder: (_file, _signal, onEvent) => {
      stir = onEvent;
    },
    onChange: () => {
      changes += 1;
    },
  });
  calendars.follow(sources);
  const stop = new AbortController();
  /** Until everything was read and the promises after it had their turns. */
  const settle = async (): Promise<void> => {
    const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));
    await vi.waitFor(() => expect(reading).toBe(0), { timeout: 60_000, interval: 1 });
    for (let turns = 0; turns < 5; turns += 1) await turn();
  };
  return {
    calendars,
    clock,
    server,
    logged,
    changes: () => changes,
    expanded: () => expanded,
    pool() {
      const [pool] = calendars.inForce(policy).pools;
      if (!pool) throw new Error('the policy has a pool');
      return pool;
    },
    start: async () => {
      calendars.start(stop.signal);
      await settle();
    },
    /** The file system tells of something. */
    stir: async () => {
      stir();
      await settle();
    },
    look: async (ms: number) => {
      clock.set(clock.now() + ms);
      tick();
      await settle();
    },
  };
}

const problem =
  (text: string): FetchCalendar =>
  async () => ({ kind: 'problem', problem: text });

describe('calendars', () => {
  it('keep everything closed until they were read, then what they exclude', async () => {
    const harness = aHarness();
    expect(isOpenAt(harness.pool(), noon)).toBe(false);
    expect(nextOpening(harness.pool(), noon)).toBeUndefined();
    await harness.start();
    expect(isOpenAt(harness.pool(), noon)).toBe(false);
    expect(isOpenAt(harness.pool(), noon + 7 * day)).toBe(true);
    expect(harness.changes()).toBe(1);
  });

  it('say why they were not read, without their address, once', async () => {
    const harness = aHarness();
    harness.server.answer = problem('its server answers with status 404');
    await harness.start();
    await harness.look(minute);
    await harness.look(minute);
    expect(harness.pool().calendars[0]).toEqual({
      name: 'holidays',
      use: 'exclude',
      timeZone: 'UTC',
      problem: 'its server answers with status 404',
    });
    expect(harness.logged).toEqual([
      'calendar cannot be read {"calendar":"holidays","problem":"its server answers with status 404"}',
    ]);
    expect(harness.server.fetched).toBe(3);
    expect(harness.changes()).toBe(1);
  });

  it('are fetched when their time has come, and change what is open then', async () => {
    const harness = aHarness();
    await harness.start();
    harness.server.answer = async () => ({ kind: 'text', text: nextSunday, validators: {} });
    await harness.look(59 * minute);
    expect(harness.server.fetched).toBe(1);
    await harness.look(minute);
    expect(harness.server.fetched).toBe(2);
    expect(isOpenAt(harness.pool(), noon + hour)).toBe(true);
    expect(harness.changes()).toBe(2);
  });

  it('keep the last good copy, however long nothing newer can be read, and say how old it is', async () => {
    const harness = aHarness();
    await harness.start();
    harness.server.answer = problem('its server does not answer in time');
    await harness.look(hour);
    await harness.look(9 * day);
    const [state] = harness.calendars.states();
    expect(state).toMatchObject({
      problem: 'its server does not answer in time',
      copy: { readAt: noon },
    });
    expect(isOpenAt(harness.pool(), noon)).toBe(false);
    harness.server.answer = async () => ({ kind: 'text', text: 'no calendar', validators: {} });
    await harness.look(minute);
    expect(harness.calendars.states()[0]).toMatchObject({
      problem: 'it is no iCalendar file',
      copy: { readAt: noon },
    });
    harness.server.answer = async () => ({ kind: 'text', text: nextSunday, validators: {} });
    await harness.look(minute);
    expect(harness.calendars.states()[0]).not.toHaveProperty('problem');
  });

  it('do not try again and again what cannot be worked out, until it is another', async () => {
    const harness = aHarness();
    harness.server.answer = async () => ({ kind: 'text', text: 'no calendar', validators: {} });
    await harness.start();
    await harness.look(minute);
    await harness.look(minute);
    expect([harness.server.fetched, harness.expanded()]).toEqual([3, 1]);
    await harness.look(day);
    expect(harness.expanded()).toBe(2);
    harness.server.answer = async () => ({ kind: 'text', text: nextSunday, validators: {} });
    await harness.look(minute);
    expect(isOpenAt(harness.pool(), noon + hour)).toBe(true);
  });

  it('try again what could not be worked out, after minutes at first and then with growing pauses', async () => {
    const harness = aHarness();
    harness.server.answer = async () => ({ kind: 'text', text: 'no calendar', validators: {} });
    await harness.start();
    const tries: number[] = [];
    for (let minutes = 1; minutes <= 80; minutes += 1) {
      const before = harness.expanded();
      await harness.look(minute);
      if (harness.expanded() > before) tries.push(minutes);
    }
    expect(tries).toEqual([5, 15, 35, 75]);
  });

  it('of which lines cannot be read hold for the rest, and say which', async () => {
    const harness = aHarness();
    const bad = anEvent('DTSTART;VALUE=DATE:20261301');
    harness.server.answer = async () => ({
      kind: 'text',
      text: anIcs(anEvent('DTSTART;VALUE=DATE:20261122'), bad),
      validators: {},
    });
    await harness.start();
    expect(isOpenAt(harness.pool(), noon)).toBe(false);
    expect(isOpenAt(harness.pool(), noon + 7 * day)).toBe(true);
    expect(windowNotes(harness.pool(), noon)).toEqual([
      'Calendar holidays was read 0 s ago. Left out of it: line 12, DTSTART: there is no such day.',
    ]);
    expect(harness.logged[0]).toContain(
      'calendar read in part {"calendar":"holidays","left_out":["line 12, DTSTART',
    );
  });

  it('look a year ahead of today, and not of the day on which they were read', async () => {
    const harness = aHarness();
    const daily = anIcs(anEvent('DTSTART;VALUE=DATE:20261101', 'RRULE:FREQ=DAILY'));
    let known = false;
    harness.server.answer = async () =>
      known ? { kind: 'same' } : { kind: 'text', text: daily, validators: { etag: '"1"' } };
    await harness.start();
    const last = (): number => harness.calendars.states()[0]?.copy?.events.days.at(-1)?.last ?? 0;
    const before = last();
    expect(before - noon / day).toBeGreaterThan(366);
    known = true;
    await harness.look(day);
    expect(last()).toBe(before + 1);
    harness.server.answer = problem('its server does not answer in time');
    await harness.look(3 * day);
    expect(last()).toBe(before + 4);
    expect(harness.calendars.states()[0]?.copy?.readAt).toBe(noon + day);
  });

  it('give the very same policy as long as nothing changes', async () => {
    const harness = aHarness();
    await harness.start();
    expect(harness.calendars.inForce(policy)).toBe(harness.calendars.inForce(policy));
    const other = aPolicy();
    expect(harness.calendars.inForce(other)).toEqual(other);
  });

  it('stay as they are when the configuration is read again, but for those that changed', async () => {
    const harness = aHarness();
    await harness.start();
    harness.calendars.follow([aSource()]);
    await harness.look(0);
    expect(harness.server.fetched).toBe(1);
    harness.calendars.follow([aSource({ every: 2 * hour })]);
    await harness.look(0);
    expect(harness.server.fetched).toBe(2);
    harness.calendars.follow([]);
    expect(harness.calendars.states()).toEqual([]);
  });
});

describe('a calendar in a file', () => {
  it('is read again when it is replaced, and not before', async () => {
    const folder = aFolder();
    const path = join(folder, 'holidays.ics');
    writeFileSync(path, thisSunday);
    const harness = aHarness([aSource({ from: { kind: 'file', path } })]);
    await harness.start();
    expect(isOpenAt(harness.pool(), noon)).toBe(false);
    await harness.look(10_000);
    expect(harness.changes()).toBe(1);
    writeFileSync(join(folder, 'new'), nextSunday);
    renameSync(join(folder, 'new'), path);
    await harness.look(10_000);
    expect(isOpenAt(harness.pool(), noon)).toBe(true);
  });

  it('is read at once when the file system tells of a change', async () => {
    const path = join(aFolder(), 'holidays.ics');
    writeFileSync(path, thisSunday);
    const harness = aHarness([aSource({ from: { kind: 'file', path } })]);
    await harness.start();
    writeFileSync(path, anIcs());
    await harness.stir();
    expect(isOpenAt(harness.pool(), noon)).toBe(true);
  });

  it('that is gone or too large is a problem, and the copy stays', async () => {
    const path = join(aFolder(), 'holidays.ics');
    const harness = aHarness([aSource({ from: { kind: 'file', path } })]);
    await harness.start();
    expect(harness.calendars.states()[0]?.problem).toBe('its file cannot be read (ENOENT)');
    writeFileSync(path, thisSunday);
    await harness.look(minute);
    expect(harness.calendars.states()[0]?.problem).toBeUndefined();
    writeFileSync(path, 'x'.repeat(1024 * 1024 + 1));
    await harness.look(10_000);
    expect(harness.calendars.states()[0]).toMatchObject({
      problem: 'its file is larger than 1 MB',
      copy: { readAt: noon + minute },
    });
  });

  it.each(['fifo', 'device'])('that is a %s is refused at once', async (kind) => {
    const path = kind === 'device' ? '/dev/zero' : join(aFolder(), 'fifo');
    if (kind === 'fifo') execFileSync('mkfifo', [path]);
    const harness = aHarness([aSource({ from: { kind: 'file', path } })]);
    await harness.start();
    expect(harness.calendars.states()[0]?.problem).toBe('its file is no regular file');
  });

  it('may hold the address instead, and is read for each fetch', async () => {
    const path = join(aFolder(), 'url');
    writeFileSync(path, 'https://calendar.example.com/a.ics\n');
    const harness = aHarness([aSource({ from: { kind: 'url-file', path } })]);
    const asked: string[] = [];
    harness.server.answer = async ({ url }) => {
      asked.push(url);
      return { kind: 'text', text: thisSunday, validators: {} };
    };
    await harness.start();
    writeFileSync(path, 'https://calendar.example.com/b.ics');
    await harness.look(hour);
    expect(asked).toEqual(['https://calendar.example.com/a.ics', 'https://calendar.example.com/b.ics']);
  });
});
