/**
 * Windows in every zone of the tz database, against an oracle that reads the clock in another way and walks
 * minute by minute.
 */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type MaintenanceWindow, nths, weekdays } from '../../../src/reboot/policy/pool-windows.ts';
import { day, hour, minute } from '../../../src/reboot/time/time.ts';
import { instantOf, readingAt } from '../../../src/reboot/windows/wall-clock.ts';
import { isOpenAt, nextOpening } from '../../../src/reboot/windows/openings.ts';
import { nextOpenings } from '../../../src/reboot/windows/upcoming.ts';
import { aSchedule, aWindow } from '../../fakes/builders.ts';
import { runsOf, outcomeCounts } from '../../property-runs.ts';

const zones = Intl.supportedValuesOf('timeZone');
const utc = (text: string): number => Date.parse(`${text}Z`);

const offsetFormats = new Map<string, Intl.DateTimeFormat>();

/** The oracle's clock: the offset that the zone's name has, as text, added to the instant. */
function offsetOf(timeZone: string, at: number): number {
  const format =
    offsetFormats.get(timeZone) ?? new Intl.DateTimeFormat('en-US', { timeZone, timeZoneName: 'longOffset' });
  offsetFormats.set(timeZone, format);
  const [, sign = '+', hours = '0', minutes = '0'] =
    /GMT(?:([+-])(\d\d):(\d\d))?/.exec(format.format(at)) ?? [];
  return (sign === '-' ? -1 : 1) * (Number(hours) * 60 + Number(minutes)) * minute;
}

/** Whether a clock that shows `wall` is inside the window: every start of the last eight days is tried. */
function oracle(window: MaintenanceWindow, at: number): boolean {
  const wall = at + offsetOf(window.timeZone, at);
  const midnight = wall - (((wall % day) + day) % day);
  for (let ago = 0; ago <= 8; ago += 1) {
    const start = new Date(midnight - ago * day);
    const opens = start.getTime() + window.start * minute;
    const inside = opens <= wall && wall < opens + window.length * minute;
    if (inside && startsOn(window, start)) return true;
  }
  return false;
}

function startsOn({ days, nth }: MaintenanceWindow, date: Date): boolean {
  if (!days.some((name) => name === date.toUTCString().slice(0, 3).toLowerCase())) return false;
  if (!nth) return true;
  // Counted by walking through the month.
  const same: number[] = [];
  for (let each = 1; each <= 31; each += 1) {
    const other = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), each));
    if (other.getUTCMonth() === date.getUTCMonth() && other.getUTCDay() === date.getUTCDay())
      same.push(other.getUTCDate());
  }
  const mine = same.indexOf(date.getUTCDate());
  return nth.some((name) => nths.indexOf(name) === mine || (name === 'last' && mine === same.length - 1));
}

/** The instants near which a clock is set, in a span of time: found by bisection on the oracle's clock. */
function changesOf(timeZone: string, from: number, to: number): readonly number[] {
  const found: number[] = [];
  for (let at = from; at < to; at += 10 * day) {
    let [before, after] = [at, at + 10 * day];
    if (offsetOf(timeZone, before) === offsetOf(timeZone, after)) continue;
    while (after - before > minute) {
      const middle = before + Math.floor((after - before) / 2 / minute) * minute;
      if (offsetOf(timeZone, middle) === offsetOf(timeZone, before)) before = middle;
      else after = middle;
    }
    found.push(after);
  }
  return found;
}

const anyWindow = (timeZone: fc.Arbitrary<string>) =>
  fc.record(
    {
      days: fc.uniqueArray(fc.constantFrom(...weekdays), { minLength: 1, maxLength: 7 }),
      nth: fc.uniqueArray(fc.constantFrom(...nths), { minLength: 1, maxLength: 3 }),
      start: fc.integer({ min: 0, max: 1439 }),
      length: fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 1, max: 7 * 24 * 60 })),
      timeZone,
    },
    { requiredKeys: ['days', 'start', 'length', 'timeZone'] },
  );
const anyZone = fc.constantFrom(...zones);
const anyInstant = fc.integer({ min: utc('2010-01-01T00:00'), max: utc('2036-01-01T00:00') });

describe('in any zone, at any time', () => {
  it('a window is open exactly when the clock on the wall says so', () => {
    fc.assert(
      fc.property(anyWindow(anyZone), anyInstant, (window, at) => {
        expect(isOpenAt(aSchedule({ windows: [window] }), at)).toBe(oracle(window, at));
      }),
      { numRuns: runsOf(200) },
    );
  });

  it('an opening begins and ends where the oracle changes its mind, and none is missed before', () => {
    const met = outcomeCounts<'open now' | 'later'>();
    fc.assert(
      fc.property(anyWindow(anyZone), anyInstant, (window, now) => {
        const opening = nextOpening(aSchedule({ windows: [window] }), now);
        // Windows that follow one another without a gap have no beginning.
        if (!opening || opening.closes - opening.opens >= 7 * day) return;
        met.saw(opening.opens > now ? 'later' : 'open now');
        expect(oracle(window, opening.opens)).toBe(true);
        expect(oracle(window, opening.closes - minute)).toBe(true);
        expect(oracle(window, opening.closes)).toBe(false);
        if (opening.opens > now) {
          expect(oracle(window, opening.opens - minute)).toBe(false);
          for (let at = now; at < opening.opens; at += 97 * minute) expect(oracle(window, at)).toBe(false);
        }
      }),
      { numRuns: runsOf(100) },
    );
    met.atLeast({ 'open now': 10, later: 30 });
  });
});

describe('where clocks are set', () => {
  const changing = zones.flatMap((timeZone) =>
    changesOf(timeZone, utc('2026-01-01T00:00'), utc('2027-01-01T00:00')).map((change) => ({
      timeZone,
      change,
    })),
  );

  it('there are changes to look at, each the only one within days of its zone', () => {
    expect(changing.length).toBeGreaterThan(150);
    const tooClose = changing.filter(({ timeZone, change }) =>
      changing.some(
        (other) => other.timeZone === timeZone && other.change > change && other.change < change + 2 * day,
      ),
    );
    expect(tooClose).toEqual([]);
  });

  it('the clock is read as the offset of the zone has it, before, at and after each change', () => {
    const wrong = changing.flatMap(({ timeZone, change }) =>
      [-day, -hour, -minute, -1, 0, 1, minute, 59 * minute, hour, 2 * hour]
        .map((after) => change + after)
        .filter((at) => readingAt(timeZone, at) !== Math.floor((at + offsetOf(timeZone, at)) / minute)),
    );
    expect(wrong).toEqual([]);
  });

  it('a walk through the minutes around a change finds what isOpen says', () => {
    const night = fc.record({
      where: fc.constantFrom(...changing),
      ago: fc.integer({ min: -200, max: 400 }),
      length: fc.integer({ min: 1, max: 500 }),
    });
    fc.assert(
      fc.property(night, ({ where: { timeZone, change }, ago, length }) => {
        // A window that starts on the wall clock within hours of the change.
        const start = new Date(change + offsetOf(timeZone, change) - ago * minute);
        const name = weekdays[(start.getUTCDay() + 6) % 7];
        if (name === undefined) throw new Error('a day has a name');
        const window = aWindow({
          days: [name],
          start: start.getUTCHours() * 60 + start.getUTCMinutes(),
          length,
          timeZone,
        });
        const schedule = aSchedule({ windows: [window] });
        for (let at = change - 10 * hour; at < change + 14 * hour; at += 5 * minute)
          expect({ at, open: isOpenAt(schedule, at) }).toEqual({ at, open: oracle(window, at) });
      }),
      { numRuns: 60 },
    );
  });

  it('every zone, every change of this year: the hours around it, minute for minute as long as the clock shows them', () => {
    for (const { timeZone, change } of changing) {
      const wall = change + offsetOf(timeZone, change);
      const start = new Date(wall - 3 * hour);
      const name = weekdays[(start.getUTCDay() + 6) % 7];
      if (name === undefined) throw new Error('a day has a name');
      const length = 6 * 60;
      const window = aWindow({
        days: [name],
        start: start.getUTCHours() * 60 + start.getUTCMinutes(),
        length,
        timeZone,
      });
      const shift = offsetOf(timeZone, change) - offsetOf(timeZone, change - minute);
      const openings = nextOpenings(aSchedule({ windows: [window] }), change - 12 * hour, 2).filter(
        ({ opens }) => opens < change + 12 * hour,
      );
      const open = openings.reduce(
        (sum, each) => sum + (each.kind === 'excluded' ? 0 : each.closes - each.opens),
        0,
      );
      expect({ timeZone, open }).toEqual({ timeZone, open: length * minute - shift });
    }
  });
});

describe('every zone of the tz database', () => {
  it.each(['2024-02-29T23:30', '2026-06-15T12:00', '2026-11-01T05:30', '2031-12-31T23:59'])(
    'reads the clock at %s as the offset in its name says, there and back',
    (text) => {
      const at = utc(text);
      for (const timeZone of zones) {
        const wall = at + offsetOf(timeZone, at);
        const reading = new Date(wall);
        const window = aWindow({
          days: [weekdays[(reading.getUTCDay() + 6) % 7] ?? 'mon'],
          start: reading.getUTCHours() * 60 + reading.getUTCMinutes(),
          length: 1,
          timeZone,
        });
        expect({ timeZone, open: isOpenAt(aSchedule({ windows: [window] }), at) }).toEqual({
          timeZone,
          open: true,
        });
        const back = instantOf(timeZone, wall / minute);
        expect({ timeZone, wall: back + offsetOf(timeZone, back) }).toEqual({ timeZone, wall });
      }
    },
  );

  it('takes a reading that comes twice for the first, and one that is skipped for what the old offset makes of it', () => {
    const reading = (text: string): number => utc(text) / minute;
    expect(instantOf('Europe/Berlin', reading('2026-10-25T02:30'))).toBe(utc('2026-10-25T00:30'));
    expect(instantOf('Europe/Berlin', reading('2026-03-29T02:30'))).toBe(utc('2026-03-29T01:30'));
    expect(instantOf('Pacific/Apia', reading('2011-12-30T12:00'))).toBe(utc('2011-12-30T22:00'));
  });

  it('opens on the days around the one that Samoa skipped as its calendar went on', () => {
    const window = aWindow({ days: ['fri'], start: 22 * 60, length: 6 * 60, timeZone: 'Pacific/Apia' });
    const schedule = aSchedule({ windows: [window] });
    for (let at = utc('2011-12-29T00:00'); at < utc('2012-01-01T00:00'); at += 10 * minute)
      expect({ at, open: isOpenAt(schedule, at) }).toEqual({ at, open: oracle(window, at) });
  });
});
