import { describe, expect, it } from 'vitest';
import type { MaintenanceWindow } from '../../../src/reboot/policy/pool-windows.ts';
import { hour, minute } from '../../../src/reboot/time/time.ts';
import { isOpenAt, nextOpening } from '../../../src/reboot/windows/openings.ts';
import { isTimeZone } from '../../../src/reboot/windows/wall-clock.ts';
import { openingLabel, openingShort, windowLabel } from '../../../src/reboot/windows/labels.ts';
import { aSchedule, aWindow } from '../../fakes/builders.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);
const only = (...windows: readonly MaintenanceWindow[]) => aSchedule({ windows });
const openMinutes = (window: MaintenanceWindow, from: string, to: string): number => {
  const schedule = only(window);
  let open = 0;
  for (let at = utc(from); at < utc(to); at += minute) if (isOpenAt(schedule, at)) open += 1;
  return open;
};

describe('a maintenance window', () => {
  it('is open from its start up to and not at its end, on the wall clock of its zone', () => {
    const tuesday = only(aWindow({ days: ['tue'], start: 120, length: 180, timeZone: 'Europe/Berlin' }));
    expect(isOpenAt(tuesday, utc('2026-11-24T00:59:59'))).toBe(false);
    expect(isOpenAt(tuesday, utc('2026-11-24T01:00:00'))).toBe(true);
    expect(isOpenAt(tuesday, utc('2026-11-24T03:59:59'))).toBe(true);
    expect(isOpenAt(tuesday, utc('2026-11-24T04:00:00'))).toBe(false);
  });

  it('belongs to the day it starts on: Friday night covers early Saturday and not early Friday', () => {
    const friday = only(aWindow({ days: ['fri'], start: 22 * 60, length: 6 * 60, timeZone: 'UTC' }));
    expect(isOpenAt(friday, utc('2026-11-28T01:00:00'))).toBe(true);
    expect(isOpenAt(friday, utc('2026-11-27T01:00:00'))).toBe(false);
    expect(isOpenAt(friday, utc('2026-11-27T22:00:00'))).toBe(true);
  });

  it('lasts as long as it says, over midnight and over days', () => {
    const day = aWindow({ days: ['sat'], start: 0, length: 24 * 60, timeZone: 'UTC' });
    expect(openMinutes(day, '2026-11-27T00:00', '2026-11-30T00:00')).toBe(24 * 60);
    const weekend = only(aWindow({ days: ['sat'], start: 6 * 60, length: 2 * 24 * 60, timeZone: 'UTC' }));
    expect(nextOpening(weekend, utc('2026-11-29T12:00'))).toMatchObject({
      opens: utc('2026-11-28T06:00'),
      closes: utc('2026-11-30T06:00'),
    });
  });

  it.each([
    [
      'Paris in spring: 01:30–03:30 loses the hour that does not exist',
      'Europe/Paris',
      'sun',
      90,
      120,
      '2026-03-28T12:00',
      60,
    ],
    [
      'Paris in spring: 02:00–03:00 does not exist and never opens',
      'Europe/Paris',
      'sun',
      120,
      60,
      '2026-03-28T12:00',
      0,
    ],
    [
      'Paris in autumn: 01:30–03:30 gains the hour that comes twice',
      'Europe/Paris',
      'sun',
      90,
      120,
      '2026-10-24T12:00',
      180,
    ],
    [
      'Paris in autumn: 02:00–03:00 is open both times',
      'Europe/Paris',
      'sun',
      120,
      60,
      '2026-10-24T12:00',
      120,
    ],
    [
      'New York in spring, overnight from Saturday',
      'America/New_York',
      'sat',
      1320,
      360,
      '2026-03-07T12:00',
      300,
    ],
    [
      'New York in autumn, overnight from Saturday',
      'America/New_York',
      'sat',
      1320,
      360,
      '2026-10-31T12:00',
      420,
    ],
    ['Lord Howe moves by half an hour', 'Australia/Lord_Howe', 'sun', 60, 120, '2026-04-04T00:00', 150],
  ] as const)('%s', (_, timeZone, day, start, length, from, expected) => {
    const window = aWindow({ days: [day], start, length, timeZone });
    const until = new Date(utc(from) + 48 * hour).toISOString().slice(0, 16);
    expect(openMinutes(window, from, until)).toBe(expected);
  });

  it('names the opening that is under way, with when it began and ends', () => {
    const tuesday = only(aWindow({ days: ['tue'], start: 120, length: 180 }));
    const opening = nextOpening(tuesday, utc('2026-11-24T02:17:30'));
    expect(opening).toMatchObject({ opens: utc('2026-11-24T01:00'), closes: utc('2026-11-24T04:00') });
  });

  it('opens next after a gap that swallowed it', () => {
    const sunday = only(aWindow({ days: ['sun'], start: 120, length: 60, timeZone: 'Europe/Paris' }));
    expect(nextOpening(sunday, utc('2026-03-28T12:00'))?.opens).toBe(utc('2026-04-05T00:00'));
  });

  it('says in words when it is', () => {
    const window = aWindow({ days: ['tue', 'thu'] });
    expect(windowLabel(window)).toBe('Tue, Thu 02:00–05:00 Europe/Berlin');
    expect(windowLabel(aWindow({ days: ['sat'], nth: ['first', 'last'], length: 2 * 24 * 60 }))).toBe(
      'first, last Sat 02:00 for 2 d Europe/Berlin',
    );
    const opening = nextOpening(only(window), utc('2026-11-23T00:00'));
    expect(opening && openingLabel(opening)).toBe('Tue 02:00–05:00, Europe/Berlin');
  });

  it('is told with its date when a weekday alone would be taken for one of this week', () => {
    const now = utc('2026-11-20T00:00');
    const opening = nextOpening(only(aWindow({ days: ['sat'], nth: ['first'] })), now);
    expect(opening && openingLabel(opening, now)).toBe('Sat 5 Dec 02:00–05:00, Europe/Berlin');
    expect(opening && openingShort(opening, now)).toBe('Sat 5 Dec 02:00');
  });
});

describe('several windows', () => {
  const tuesday = aWindow({ days: ['tue'] });
  const monday = aWindow({ days: ['mon'] });

  it('open with the one that opens first', () => {
    const both = only(tuesday, monday);
    expect(nextOpening(both, utc('2026-11-22T12:00'))?.source).toEqual({ kind: 'window', window: monday });
    expect(nextOpening(both, utc('2026-11-24T02:00'))?.source).toEqual({ kind: 'window', window: tuesday });
    expect(nextOpening(only(), utc('2026-11-24T02:00'))).toBeUndefined();
  });

  it('are one opening where they overlap or adjoin, whenever it is asked for', () => {
    const late = aWindow({ days: ['mon'], start: 22 * 60, length: 120, timeZone: 'UTC' });
    const early = aWindow({ days: ['tue'], start: 0, length: 240, timeZone: 'UTC' });
    const expected = { opens: utc('2026-11-23T22:00'), closes: utc('2026-11-24T04:00') };
    for (const now of ['2026-11-23T12:00', '2026-11-23T23:00', '2026-11-24T01:00'])
      expect(nextOpening(only(early, late), utc(now))).toMatchObject(expected);
  });

  it('answer the same in whatever order they are asked about instants', () => {
    const asked = only(tuesday, monday);
    const times = ['2026-11-24T02:00', '2026-11-22T12:00', '2026-11-24T04:00', '2026-11-24T03:59'].map(utc);
    const together = times.map((at) => nextOpening(asked, at));
    expect(together).toEqual(times.map((at) => nextOpening(only(tuesday, monday), at)));
  });
});

describe('zones', () => {
  it.each([
    'CEST',
    'GMT+2',
    'IST',
    'PST',
    '+01:00',
    'SystemV/PST8',
    'Factory',
    'Europe/Atlantis',
    '',
    'Etc/../passwd',
  ])('refuses %s', (name) => expect(isTimeZone(name)).toBe(false));
  it.each([
    'UTC',
    'CET',
    'Japan',
    'EST5EDT',
    'W-SU',
    'Europe/Berlin',
    'America/Argentina/Buenos_Aires',
    'Etc/GMT+2',
  ])('knows %s', (name) => expect(isTimeZone(name)).toBe(true));
});
