import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseDuration } from '../../../src/reboot/time/duration.ts';

describe('a duration', () => {
  it.each([
    ['0s', 0],
    ['90s', 90_000],
    ['15m', 900_000],
    ['12h', 43_200_000],
    ['1h30m', 5_400_000],
    ['30d', 2_592_000_000],
    ['1d2h3m4s', 93_784_000],
  ])('%s', (text, millis) => {
    expect(parseDuration(text)).toBe(millis);
  });

  it.each(['', '5', 's', '1.5h', '-1m', '1 h', '1H', '500ms', '1h30', 'PT5M', '1w', '٣m'])(
    '%j is none',
    (text) => {
      expect(parseDuration(text)).toBeUndefined();
    },
  );

  it('is too long to wait for when it is longer than a timer of anybody', () => {
    expect(parseDuration('99999999999999999999d')).toBeUndefined();
    expect(parseDuration('36500d')).toBe(36_500 * 86_400_000);
  });

  it('is the sum of its parts, whatever they are', () => {
    fc.assert(
      fc.property(fc.nat(9999), fc.nat(9999), fc.nat(9999), (hours, minutes, seconds) => {
        expect(parseDuration(`${hours}h${minutes}m${seconds}s`)).toBe(
          ((hours * 60 + minutes) * 60 + seconds) * 1000,
        );
      }),
    );
  });
});
