/**
 * Resource quantities in the format of Kubernetes: "500m", "1.5Gi", "2e3" (API reference, Quantity). Computed
 * in integers, since fractions such as "0.1" are not exact in floating point.
 */
const grammar =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<part>\d*))?(?:[eE](?<exponent>[+-]?\d{1,4})|(?<binary>[KMGTPE])i|(?<decimal>[numkMGTPE]))?$/;

/** Suffixes as powers of ten, and of two. */
const decimals = new Map(
  Object.entries({ '': 0, n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }),
);
const binaries = new Map(Object.entries({ '': 0, K: 10, M: 20, G: 30, T: 40, P: 50, E: 60 }));
/** In characters. No real quantity is longer; parsing a longer one would only cost time. */
const longest = 64;
/** Exponents are clamped to this; the result is clamped to the safe integers. */
const mostDigits = 40;

const clamp = (least: number, value: number, most: number): number => Math.max(least, Math.min(most, value));

interface ParsedQuantity {
  readonly sign: string;
  readonly digits: string;
  readonly tens: number;
  readonly twos: number;
}

/** The parts of a quantity; undefined for an invalid one. */
function parse(text: string): ParsedQuantity | undefined {
  const groups = text.length > longest ? undefined : grammar.exec(text)?.groups;
  if (!groups) return undefined;
  const { sign = '', whole = '', part = '', exponent = '0', binary = '', decimal = '' } = groups;
  const digits = whole + part;
  const tens = clamp(-mostDigits, Number(exponent), mostDigits) + (decimals.get(decimal) ?? 0) - part.length;
  return digits === '' ? undefined : { sign, digits, tens, twos: binaries.get(binary) ?? 0 };
}

/**
 * Rounded up, as in the scheduler. `thousandths` for CPU, where "1" is 1000. Undefined for an invalid
 * quantity.
 */
export function quantity(text: string, unit: 'ones' | 'thousandths' = 'ones'): number | undefined {
  const parsed = parse(text);
  if (parsed === undefined) return undefined;
  const tens = parsed.tens + (unit === 'ones' ? 0 : 3);
  const numerator = BigInt(parsed.digits) * 2n ** BigInt(parsed.twos) * 10n ** BigInt(Math.max(0, tens));
  const denominator = 10n ** BigInt(Math.max(0, -tens));
  const size =
    parsed.sign === '-' ? -(numerator / denominator) : (numerator + denominator - 1n) / denominator;
  return clamp(Number.MIN_SAFE_INTEGER, Number(size), Number.MAX_SAFE_INTEGER);
}
