import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MaintenanceWindow, weekdays } from '../../src/reboot/policy.ts';
import { hour, minute } from '../../src/reboot/time.ts';
import {
  isOpen,
  isTimeZone,
  nextOfAll,
  nextOpening,
  openingLabel,
  windowLabel,
} from '../../src/reboot/windows.ts';
import { aWindow } from '../fakes/builders.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const openMinutes = (window: MaintenanceWindow, from: string, to: string): number => {
  let open = 0;
  for (let at = utc(from); at < utc(to); at += minute) if (isOpen(window, at)) open += 1;
  return open;
};

describe('a maintenance window', () => {
  it('is open from its start up to and not at its end, on the wall clock of its zone', () => {
    const window = aWindow({ days: ['tue'], start: 120, end: 300, timeZone: 'Europe/Berlin' });
    expect(isOpen(window, utc('2026-11-24T00:59:59'))).toBe(false);
    expect(isOpen(window, utc('2026-11-24T01:00:00'))).toBe(true);
    expect(isOpen(window, utc('2026-11-24T03:59:59'))).toBe(true);
    expect(isOpen(window, utc('2026-11-24T04:00:00'))).toBe(false);
  });

  it('belongs to the day it starts on: Friday night covers early Saturday and not early Friday', () => {
    const window = aWindow({ days: ['fri'], start: 22 * 60, end: 4 * 60, timeZone: 'UTC' });
    expect(isOpen(window, utc('2026-11-28T01:00:00'))).toBe(true);
    expect(isOpen(window, utc('2026-11-27T01:00:00'))).toBe(false);
    expect(isOpen(window, utc('2026-11-27T22:00:00'))).toBe(true);
  });

  it('lasts a whole day when its end is its start', () => {
    const window = aWindow({ days: ['sat'], start: 0, end: 0, timeZone: 'UTC' });
    expect(openMinutes(window, '2026-11-27T00:00', '2026-11-30T00:00')).toBe(24 * 60);
  });

  it.each([
    [
      'Paris in spring: 01:30–03:30 loses the hour that does not exist',
      'Europe/Paris',
      'sun',
      90,
      210,
      '2026-03-28T12:00',
      60,
    ],
    [
      'Paris in spring: 02:00–03:00 does not exist and never opens',
      'Europe/Paris',
      'sun',
      120,
      180,
      '2026-03-28T12:00',
      0,
    ],
    [
      'Paris in autumn: 01:30–03:30 gains the hour that comes twice',
      'Europe/Paris',
      'sun',
      90,
      210,
      '2026-10-24T12:00',
      180,
    ],
    [
      'Paris in autumn: 02:00–03:00 is open both times',
      'Europe/Paris',
      'sun',
      120,
      180,
      '2026-10-24T12:00',
      120,
    ],
    [
      'New York in spring, overnight from Saturday',
      'America/New_York',
      'sat',
      1320,
      240,
      '2026-03-07T12:00',
      300,
    ],
    [
      'New York in autumn, overnight from Saturday',
      'America/New_York',
      'sat',
      1320,
      240,
      '2026-10-31T12:00',
      420,
    ],
    ['Lord Howe moves by half an hour', 'Australia/Lord_Howe', 'sun', 60, 180, '2026-04-04T00:00', 150],
  ] as const)('%s', (_, timeZone, day, start, end, from, expected) => {
    const window = aWindow({ days: [day], start, end, timeZone });
    const until = new Date(utc(from) + 48 * hour).toISOString().slice(0, 16);
    expect(openMinutes(window, from, until)).toBe(expected);
  });

  it('names the opening that is under way, with when it began and ends', () => {
    const window = aWindow({ days: ['tue'], start: 120, end: 300 });
    const opening = nextOpening(window, utc('2026-11-24T02:17:30'));
    expect(opening).toMatchObject({ opens: utc('2026-11-24T01:00'), closes: utc('2026-11-24T04:00') });
  });

  it('opens next after a gap that swallowed it', () => {
    const window = aWindow({ days: ['sun'], start: 120, end: 180, timeZone: 'Europe/Paris' });
    expect(nextOpening(window, utc('2026-03-28T12:00'))?.opens).toBe(utc('2026-04-05T00:00'));
  });

  it('says in words when it is', () => {
    const window = aWindow({ days: ['tue', 'thu'] });
    expect(windowLabel(window)).toBe('Tue, Thu 02:00–05:00 Europe/Berlin');
    const opening = nextOpening(window, utc('2026-11-23T00:00'));
    expect(opening && openingLabel(opening)).toBe('Tue 02:00–05:00, Europe/Berlin');
  });

  it('of several prefers the one that is open, then the one that opens first', () => {
    const tuesday = aWindow({ days: ['tue'] });
    const monday = aWindow({ days: ['mon'] });
    expect(nextOfAll([tuesday, monday], utc('2026-11-22T12:00'))?.window).toBe(monday);
    expect(nextOfAll([monday, tuesday], utc('2026-11-24T02:00'))?.window).toBe(tuesday);
    expect(nextOfAll([], utc('2026-11-24T02:00'))).toBeUndefined();
  });
});

describe('zones', () => {
  it.each(['CEST', 'GMT+2', 'Europe/Atlantis', '', 'Etc/../passwd'])('refuses %s', (name) =>
    expect(isTimeZone(name)).toBe(false),
  );
  it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+2'])('knows %s', (name) =>
    expect(isTimeZone(name)).toBe(true),
  );
});

/** An oracle that shares nothing with the code: formats the instant and compares text. */
function oracle(window: MaintenanceWindow, at: number): boolean {
  const text = (instant: number) =>
    new Intl.DateTimeFormat('en-GB', {
      timeZone: window.timeZone,
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
    }).format(instant);
  const now = text(at);
  const today = now.slice(0, 3).toLowerCase();
  const time = Number(now.slice(-5, -3)) * 60 + Number(now.slice(-2));
  const yesterday = weekdays[(weekdays.findIndex((day) => day === today) + 6) % 7];
  const overnight = window.end <= window.start;
  const startsToday =
    window.days.some((day) => day === today) && time >= window.start && (overnight || time < window.end);
  const startedYesterday = overnight && window.days.some((day) => day === yesterday) && time < window.end;
  return startsToday || startedYesterday;
}

const anyWindow = fc.record({
  days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 7 }),
  start: fc.integer({ min: 0, max: 1439 }),
  end: fc.integer({ min: 0, max: 1439 }),
  timeZone: fc.constantFrom(...Intl.supportedValuesOf('timeZone')),
});
const anyInstant = fc.integer({ min: utc('2010-01-01T00:00'), max: utc('2030-01-01T00:00') });

describe('in any zone, at any time', () => {
  it('agrees with an independent reading of the wall clock', () => {
    fc.assert(
      fc.property(anyWindow, anyInstant, (window, at) => isOpen(window, at) === oracle(window, at)),
      { numRuns: 1500 },
    );
  });

  it('opens where it was closed a minute before, closes where it is closed, and misses no opening in between', () => {
    const property = fc.property(anyWindow, anyInstant, (window, now) => {
      const opening = nextOpening(window, now);
      if (!opening || window.start === window.end) return;
      expect(isOpen(window, opening.opens)).toBe(true);
      expect(isOpen(window, opening.closes)).toBe(false);
      expect(isOpen(window, opening.closes - minute)).toBe(true);
      expect(isOpen(window, opening.opens - minute)).toBe(false);
      for (let at = now; at < opening.opens; at += 7 * minute) expect(isOpen(window, at)).toBe(false);
    });
    const partTime = { numRuns: 150 };
    fc.assert(property, partTime);
  });

  it('finds the next opening around every change of a clock as a minute-by-minute search does', () => {
    const around = [
      utc('2026-03-29T01:00'),
      utc('2026-10-25T01:00'),
      utc('2026-03-08T07:00'),
      utc('2026-11-01T06:00'),
      utc('2011-12-30T10:00'),
    ];
    const property = fc.property(
      anyWindow,
      fc.constantFrom(...around),
      fc.integer({ min: -1440, max: 1440 }),
      (window, change, shift) => {
        const now = change + shift * minute;
        let at = now;
        while (at < now + 9 * 24 * hour && !isOpen(window, at)) at += minute;
        const opening = nextOpening(window, now);
        if (at >= now + 9 * 24 * hour) return;
        expect(Math.max(opening?.opens ?? 0, now)).toBe(at);
      },
    );
    fc.assert(property, { numRuns: 60 });
  });
});
