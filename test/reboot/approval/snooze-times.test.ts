import { describe, expect, it } from 'vitest';
import { snoozeEnd, timeOfDayIn } from '../../../src/reboot/approval/snooze-times.ts';
import { hour } from '../../../src/reboot/time/time.ts';
import { aPool } from '../../fakes/builders.ts';

const utc = (text: string): number => Date.parse(`${text}Z`);

describe('a time of day', () => {
  it.each([
    ['tonight', '2026-11-22T12:00', '2026-11-22T19:00'],
    // 20:00 has begun in Berlin: the next one.
    ['tonight', '2026-11-22T19:00', '2026-11-23T19:00'],
    ['tonight', '2026-11-22T23:30', '2026-11-23T19:00'],
    ['morning', '2026-11-22T12:00', '2026-11-23T08:00'],
    // 2:00 in Berlin: the night has not ended.
    ['morning', '2026-11-23T01:00', '2026-11-23T08:00'],
    ['morning', '2026-11-23T04:00', '2026-11-24T08:00'],
    // The clocks change in between.
    ['morning', '2026-10-24T12:00', '2026-10-25T08:00'],
    ['tonight', '2026-03-28T20:00', '2026-03-29T18:00'],
  ] as const)('%s, asked at %s in Berlin, is %s', (word, now, expected) => {
    expect(timeOfDayIn('Europe/Berlin', word, utc(now))).toBe(utc(expected));
  });
});

describe('the end of a snooze', () => {
  const window = { name: 'nights', days: ['tue'], start: 120, length: 180, timeZone: 'Asia/Tokyo' } as const;
  const pool = aPool({ windows: [window] });
  const tuesday = utc('2026-11-23T17:00');

  it('is the opening of the next window, also while one is open', () => {
    expect(snoozeEnd('next-window', pool, tuesday - hour)).toBe(tuesday);
    expect(snoozeEnd('next-window', pool, tuesday + hour)).toBe(tuesday + 7 * 24 * hour);
    expect(snoozeEnd('next-window', aPool({ windows: [] }), tuesday)).toBe(undefined);
  });

  it('is a time of day in the zone of the pool', () => {
    expect(snoozeEnd('tonight', pool, utc('2026-11-22T09:00'))).toBe(utc('2026-11-22T11:00'));
    expect(snoozeEnd('tonight', aPool({ windows: [] }), utc('2026-11-22T09:00'))).toBe(
      utc('2026-11-22T20:00'),
    );
  });
});
