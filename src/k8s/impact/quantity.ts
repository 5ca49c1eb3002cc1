/**
 * Resource quantities as Kubernetes writes them: "500m", "1.5Gi", "2e3" (API reference, Quantity). Reckoned
 * without fractions: "0.1" is a hundred thousandths and nothing else.
 */
const grammar =
  /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<part>\d*))?(?:[eE](?<exponent>[+-]?\d{1,4})|(?<binary>[KMGTPE])i|(?<decimal>[numkMGTPE]))?$/;

/** Powers of ten, and of two. */
const decimals = new Map(
  Object.entries({ '': 0, n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 }),
);
const binaries = new Map(Object.entries({ '': 0, K: 10, M: 20, G: 30, T: 40, P: 50, E: 60 }));
/** Nothing real is longer; what is would only cost time. */
const longest = 64;
/** Beyond this a number is the largest there is, or the smallest. */
const mostDigits = 40;

const between = (least: number, value: number, most: number): number =>
  Math.max(least, Math.min(most, value));

interface Written {
  readonly sign: string;
  readonly digits: string;
  readonly tens: number;
  readonly twos: number;
}

/** Its parts; undefined for what is no quantity. */
function parse(text: string): Written | undefined {
  const groups = text.length > longest ? undefined : grammar.exec(text)?.groups;
  if (!groups) return undefined;
  const { sign = '', whole = '', part = '', exponent = '0', binary = '', decimal = '' } = groups;
  const digits = whole + part;
  const tens =
    between(-mostDigits, Number(exponent), mostDigits) + (decimals.get(decimal) ?? 0) - part.length;
  return digits === '' ? undefined : { sign, digits, tens, twos: binaries.get(binary) ?? 0 };
}

/**
 * Rounded up, as the scheduler does. `thousandths` for CPU, where "1" is 1000. Undefined for what is no
 * quantity.
 */
export function quantity(text: string, unit: 'ones' | 'thousandths' = 'ones'): number | undefined {
  const written = parse(text);
  if (written === undefined) return undefined;
  const tens = written.tens + (unit === 'ones' ? 0 : 3);
  const above = BigInt(written.digits) * 2n ** BigInt(written.twos) * 10n ** BigInt(Math.max(0, tens));
  const below = 10n ** BigInt(Math.max(0, -tens));
  const size = written.sign === '-' ? -(above / below) : (above + below - 1n) / below;
  return between(Number.MIN_SAFE_INTEGER, Number(size), Number.MAX_SAFE_INTEGER);
}
