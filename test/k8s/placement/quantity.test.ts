import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { amountText } from '../../../src/k8s/placement/amount-text.ts';
import { quantity } from '../../../src/k8s/placement/quantity.ts';

const powers: Readonly<Record<string, number>> = { '': 0, k: 3, M: 6, G: 9, T: 12, P: 15 };

describe('a quantity', () => {
  it.each([
    ['0', 0],
    ['1', 1],
    ['+7', 7],
    ['128974848', 128_974_848],
    ['129e6', 129_000_000],
    ['129E6', 129_000_000],
    ['129M', 129_000_000],
    ['123Mi', 123 * 1024 ** 2],
    ['1.5Gi', 1.5 * 1024 ** 3],
    ['.5Ki', 512],
    ['5.', 5],
    ['2e-1', 1],
    ['1k', 1000],
    ['1Ki', 1024],
    ['1E', 1e18],
    ['-3', -3],
    ['-1500m', -1],
    ['128974848000m', 128_974_848],
  ])('%s is %d', (text, amount) => {
    expect(quantity(text)).toBe(Math.min(amount, Number.MAX_SAFE_INTEGER));
  });

  it.each([
    ['1', 1000],
    ['100m', 100],
    ['0.1', 100],
    ['1.5', 1500],
    ['2k', 2_000_000],
    // What is less than a thousandth is one.
    ['1u', 1],
    ['100n', 1],
  ])('of CPU, %s is %d thousandths', (text, amount) => {
    expect(quantity(text, 'thousandths')).toBe(amount);
  });

  it.each(['', ' ', '.', 'Gi', '1gi', '1 Gi', '1Kii', '0x10', '1e', '1e1.5', 'NaN', '١', '--1', '1m1'])(
    '%j is none',
    (text) => {
      expect(quantity(text)).toBeUndefined();
    },
  );

  it('reads no book, and none that names a number which nobody could write down', () => {
    expect(quantity('1'.repeat(65))).toBeUndefined();
    expect(quantity('9'.repeat(60))).toBe(Number.MAX_SAFE_INTEGER);
    expect(quantity('1e9999')).toBe(Number.MAX_SAFE_INTEGER);
    expect(quantity('1e-9999')).toBe(1);
    expect(quantity('1e99999')).toBeUndefined();
  });

  it('is the number times its suffix, whatever they are', () => {
    fc.assert(
      fc.property(fc.nat({ max: 2 ** 30 }), fc.constantFrom(...Object.keys(powers)), (number, suffix) => {
        const amount = BigInt(number) * 10n ** BigInt(powers[suffix] ?? 0);
        expect(quantity(`${number}${suffix}`)).toBe(Math.min(Number(amount), Number.MAX_SAFE_INTEGER));
        expect(quantity(`${number}e${powers[suffix]}`)).toBe(quantity(`${number}${suffix}`));
      }),
    );
  });

  it('is rounded up, never down, and by less than one', () => {
    fc.assert(
      fc.property(fc.nat({ max: 10 ** 6 }), fc.stringMatching(/^\d{1,6}$/), (whole, part) => {
        const read = BigInt(quantity(`${whole}.${part}`, 'thousandths') ?? -1) * 10n ** BigInt(part.length);
        const exact = BigInt(`${whole}${part}`) * 1000n;
        expect(read >= exact && read - exact < 10n ** BigInt(part.length)).toBe(true);
      }),
    );
  });

  it('answers to any text, and never with a fraction', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[0-9.eEmkKMGi+-]{1,20}$/)), (text) => {
        const read = quantity(text);
        expect(read === undefined || Number.isSafeInteger(read)).toBe(true);
      }),
    );
  });
});

describe('an amount in words', () => {
  it.each([
    ['cpu', 4000, '4 CPU'],
    ['cpu', 250, '0.25 CPU'],
    ['memory', 8 * 1024 ** 3, '8 GiB of memory'],
    ['memory', 8 * 1024 ** 3 - 1, '7.99 GiB of memory'],
    ['memory', 0, '0 bytes of memory'],
    ['memory', 512 * 1024 ** 2, '512 MiB of memory'],
    ['memory', 3 * 1024 ** 5, '3072 TiB of memory'],
    ['ephemeral-storage', 1024, '1 KiB of local storage'],
    ['hugepages-2Mi', 4 * 1024 ** 2, '4 MiB of hugepages-2Mi'],
    ['nvidia.com/gpu', 2, '2 nvidia.com/gpu'],
  ])('%s %d: %s', (resource, amount, words) => {
    expect(amountText(resource, amount)).toBe(words);
  });
});
