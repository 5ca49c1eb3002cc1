import type { Millis } from './time.ts';

export interface BackoffShape {
  readonly first: Millis;
  readonly most: Millis;
  readonly factor: number;
}

/** The exponential delay before retry number `attempt`, from 1; 0 before the first attempt has failed. */
export const exponential = ({ first, most, factor }: BackoffShape, attempt: number): Millis =>
  attempt < 1 ? 0 : Math.min(most, first * factor ** Math.min(attempt - 1, 64));
