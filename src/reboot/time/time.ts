/** A point in time, in milliseconds since the epoch. Used for computing. */
export type Instant = number;

/** A point in time as stored and as shown by kubectl: RFC 3339 in UTC. */
export type Timestamp = string;

/** A duration in milliseconds. */
export type Millis = number;

export const second: Millis = 1000;
export const minute: Millis = 60 * second;
export const hour: Millis = 60 * minute;
export const day: Millis = 24 * hour;

export const toTimestamp = (instant: Instant): Timestamp => new Date(instant).toISOString();

/** NaN for invalid text: callers at the edge validate it first. */
export const toInstant = (timestamp: Timestamp): Instant => Date.parse(timestamp);

const units: readonly (readonly [string, Millis])[] = [
  ['d', day],
  ['h', hour],
  ['min', minute],
  ['s', second],
];

/** A duration in its two largest units: "4 min 12 s", "5 h 12 min", "0 s". */
export function inWords(duration: Millis): string {
  const whole = Math.max(0, Math.round(duration / second)) * second;
  const first = units.findIndex(([, size]) => whole >= size);
  if (first < 0) return '0 s';
  let rest = whole;
  const words: string[] = [];
  for (const [name, size] of units.slice(first, first + 2)) {
    const count = Math.floor(rest / size);
    rest -= count * size;
    if (count > 0) words.push(`${count} ${name}`);
  }
  return words.join(' ');
}

export interface Clock {
  readonly now: () => Instant;
}
