import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDateRange } from '../../src/config/checks/dates.ts';
import { type Config, loadConfig } from '../../src/config/load.ts';
import { ConfigError } from '../../src/config/checks/problems.ts';
import type { PoolPolicy } from '../../src/reboot/policy/policy.ts';
import { day, hour, minute } from '../../src/reboot/time/time.ts';
import { dateRangeText } from '../../src/reboot/windows/days.ts';
import { windowLabel } from '../../src/reboot/windows/labels.ts';

const env = {
  SLACK_BOT_TOKEN: 'xoxb-1',
  SLACK_APP_TOKEN: 'xapp-1',
  SLACK_CHANNEL: 'C0123ABCD',
  TUGBOOT_CONFIG: 'tugboot.yaml',
};
const load = (yaml: string): Config => loadConfig({ env, readFile: () => yaml });

function complaint(yaml: string): string {
  try {
    load(yaml);
    return '';
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
}

const poolWith = (settings: string, file = ''): PoolPolicy => {
  const [pool] = load(`timeZone: Europe/Berlin\n${file}\npools: [{ name: a, ${settings} }]`).clusters[0]
    .policy.pools;
  if (!pool) throw new Error('there is a pool');
  return pool;
};
const labels = (settings: string): readonly string[] => poolWith(settings).windows.map(windowLabel);

describe('a window', () => {
  it.each([
    ['{ days: [fri], start: "22:00", end: "04:00" }', 'Fri 22:00–04:00 Europe/Berlin'],
    ['{ days: [fri], start: "22:00", duration: 6h }', 'Fri 22:00–04:00 Europe/Berlin'],
    ['{ days: [sat], start: "00:00", end: "00:00" }', 'Sat 00:00–00:00 Europe/Berlin'],
    ['{ days: [sat], start: "06:00", duration: 2d }', 'Sat 06:00 for 2 d Europe/Berlin'],
    [
      '{ days: [sat, sun], nth: [first, last], start: "02:00", duration: 90m, timeZone: UTC }',
      'first, last Sat, Sun 02:00–03:30 UTC',
    ],
    [
      '{ dates: [2026-12-05, 2026-12-24..2027-01-06, 05-01], start: "02:00", end: "05:00" }',
      '2026-12-05, 2026-12-24..2027-01-06, 05-01 02:00–05:00 Europe/Berlin',
    ],
  ])('may be written as %s', (written, label) => {
    expect(labels(`windows: [${written}]`)).toEqual([label]);
  });

  it.each([
    [
      '{ start: "02:00", end: "05:00" }',
      'days: Nothing is there. Say when it starts, with `days` or with `dates`.',
    ],
    [
      '{ days: [mon], start: "02:00" }',
      'end: Nothing is there. Say when it closes, with `end` or with `duration`.',
    ],
    [
      '{ days: [mon], start: "02:00", end: "05:00", duration: 3h }',
      'duration: Found "3h". It has an `end` as well. Write one of the two.',
    ],
    [
      '{ days: [mon], dates: [2026-12-24], start: "02:00", end: "05:00" }',
      'dates: Found ["2026-12-24"]. It has `days` as well. Write two windows',
    ],
    [
      '{ dates: [2026-12-24], nth: [first], start: "02:00", end: "05:00" }',
      'nth: Found ["first"]. It goes with `days`: `days: [sat], nth: [first]`.',
    ],
    [
      '{ days: [mon], nth: [sixth], start: "02:00", end: "05:00" }',
      'nth[0]: Found "sixth". Write first, second, third, fourth, fifth, last.',
    ],
    [
      '{ days: [mon], start: "02:00", duration: 8d }',
      'duration: Found "8d". Durations of windows look like 90m, 6h, 2d',
    ],
    [
      '{ days: [mon], start: "02:00", duration: 90s }',
      'duration: Found "90s". Durations of windows look like',
    ],
  ])('is told what is wrong with %s', (written, message) => {
    expect(complaint(`pools: [{ name: a, windows: [${written}] }]`)).toContain(
      `\n  pools[0].windows[0].${message}`,
    );
  });
});

describe('dates', () => {
  const windows = 'windows: [{ days: [mon], start: "02:00", end: "05:00" }]';

  it('of the file hold for every pool, besides its own', () => {
    const pool = poolWith(
      `${windows}, excludeDates: [2026-12-24], addDates: ['12-31']`,
      'excludeDates: [12-24..01-06]\naddDates: [2026-05-01]',
    );
    expect(pool.excludeDates.map(dateRangeText)).toEqual(['12-24..01-06', '2026-12-24']);
    expect(pool.addDates.map(dateRangeText)).toEqual(['2026-05-01', '12-31']);
  });

  it.each([
    ['2026-02-30', 'There is no day 2026-02-30.'],
    ['2027-02-29', 'There is no day 2027-02-29.'],
    ['13-01', 'There is no day 13-01.'],
    ['2026-12-26..2026-12-24', 'The last day comes before the first. Write the earlier one first.'],
    ['2026-12-24..12-26', 'Dates look like 2026-12-24, 2026-12-24..2027-01-06, and for every year'],
    ['24.12.2026', 'Dates look like'],
    ['2026-12-24 - 2026-12-26', 'Dates look like'],
  ])('%s: is refused with what would be right', (text, message) => {
    expect(complaint(`excludeDates: ["${text}"]`)).toContain(
      `\n  excludeDates[0]: Found "${text}". ${message}`,
    );
  });

  it('are written as they were read', () => {
    const anyDay = fc
      .integer({ min: 0, max: 40_000 })
      .map((days) => new Date(days * day).toISOString().slice(0, 10));
    const anyText = fc
      .tuple(anyDay, anyDay, fc.boolean(), fc.boolean())
      .map(([one, other, yearly, several]) => {
        const [from = '', to = ''] = [one, other].toSorted().map((text) => (yearly ? text.slice(5) : text));
        return several && from !== to ? `${from}..${to}` : from;
      });
    fc.assert(
      fc.property(anyText, (text) => {
        const parsed = parseDateRange(text);
        expect(parsed.ok && dateRangeText(parsed.range)).toBe(text);
      }),
    );
  });

  it.each(['excludeDates: [2026-12-24]', 'addDates: [2026-12-24]'])(
    'of a pool that has no window are a mistake: %s',
    (setting) => {
      expect(complaint(`pools: [{ name: a, ${setting} }]`)).toContain(
        'The pool has no window that this could be about: it starts at any time. Add `windows`.',
      );
    },
  );
});

describe('calendars', () => {
  const holidays = '{ name: holidays, file: /etc/tugboot/holidays.ics }';
  const windows = 'windows: [{ days: [mon], start: "02:00", end: "05:00" }]';

  it('come from a file, an address, or a file with an address, and are read if a pool names them', () => {
    const { clusters, secrets } = load(`
timeZone: Europe/Berlin
calendars:
  - ${holidays}
  - { name: freeze, url: https://calendar.example.com/private-1234.ics, every: 15m, timeZone: UTC }
  - { name: releases, urlFile: /var/secrets/releases, use: open, plainHttp: true }
  - { name: unused, file: /etc/unused.ics }
pools:
  - { name: a, calendars: [holidays, freeze], ${windows} }
  - { name: b, calendars: [releases], approval: window }
`);
    const [{ calendars, policy }] = clusters;
    expect(calendars).toEqual([
      {
        name: 'holidays',
        use: 'exclude',
        timeZone: 'Europe/Berlin',
        from: { kind: 'file', path: '/etc/tugboot/holidays.ics' },
        plainHttp: false,
        every: hour,
      },
      {
        name: 'freeze',
        use: 'exclude',
        timeZone: 'UTC',
        from: { kind: 'url', url: 'https://calendar.example.com/private-1234.ics' },
        plainHttp: false,
        every: 15 * minute,
      },
      {
        name: 'releases',
        use: 'open',
        timeZone: 'Europe/Berlin',
        from: { kind: 'url-file', path: '/var/secrets/releases' },
        plainHttp: true,
        every: hour,
      },
    ]);
    expect(policy.pools.map((pool) => pool.calendars)).toEqual([
      [
        { name: 'holidays', use: 'exclude', timeZone: 'Europe/Berlin' },
        { name: 'freeze', use: 'exclude', timeZone: 'UTC' },
      ],
      [{ name: 'releases', use: 'open', timeZone: 'Europe/Berlin' }],
    ]);
    // What a log line must never hold.
    expect(secrets).toContain('https://calendar.example.com/private-1234.ics');
  });

  it.each([
    ['{ name: a }', 'calendars[0].file: Nothing is there. Say where it is, with `file`, `url` or `urlFile`.'],
    [
      '{ name: a, file: /a, urlFile: /b }',
      'calendars[0].urlFile: Found "/b". It comes from one place. Write one of `file`, `url` and `urlFile`.',
    ],
    ['{ name: A, file: /a }', 'calendars[0].name: Found "A". Calendar names are lower-case letters'],
    ['{ name: a, file: /a, use: close }', 'calendars[0].use: Found "close". Write exclude or open.'],
    ['{ name: a, file: /a, every: 10s }', 'calendars[0].every: Found "10s". Durations look like 15m, 1h'],
    [
      `${holidays}, ${holidays}`,
      'calendars[1].name: Found "holidays". Another calendar has this name already.',
    ],
  ])('%s: is refused with what would be right', (written, message) => {
    expect(complaint(`calendars: [${written}]`)).toContain(`\n  ${message}`);
  });

  it.each(['http://calendar.example.com/private-1234.ics', 'webcal://x/private-1234', 'private-1234'])(
    'an address that will not do is not repeated: %s',
    (url) => {
      const said = complaint(`calendars: [{ name: a, url: "${url}" }]`);
      expect(said).toContain('calendars[0].url: Found what is not shown here. ');
      expect(said).not.toContain('private');
    },
  );

  it('may be on loopback without https, or where somebody says so', () => {
    expect(complaint('calendars: [{ name: a, url: "http://127.0.0.1:8080/a.ics" }]')).toBe('');
    expect(
      complaint('calendars: [{ name: a, url: "http://calendar.internal/a.ics", plainHttp: true }]'),
    ).toBe('');
  });

  it('that a pool names have to be there', () => {
    expect(
      complaint(`calendars: [${holidays}]\npools: [{ name: a, calendars: [holiday], ${windows} }]`),
    ).toContain(
      '\n  pools[0].calendars[0]: Found "holiday". There is no such calendar. Did you mean holidays?',
    );
  });

  it('that exclude want windows to exclude from; those that open are windows', () => {
    expect(complaint(`calendars: [${holidays}]\npools: [{ name: a, calendars: [holidays] }]`)).toContain(
      '\n  pools[0].calendars: Found 1. The pool has no window that this could be about',
    );
    const open = '{ name: releases, file: /a, use: open }';
    expect(
      complaint(`calendars: [${open}]\npools: [{ name: a, calendars: [releases], approval: window }]`),
    ).toBe('');
  });
});
