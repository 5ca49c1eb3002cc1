/**
 * How often a property is tried: few times in `npm test`, which has to end soon on a busy machine, and more
 * in `npm run check` and `npm run deflake`, where FC_RUNS multiplies. What a property must have met at least
 * is a share of it.
 */
import process from 'node:process';
import { expect } from 'vitest';

const factor = Number(process.env['FC_RUNS'] ?? 1);

export const runsOf = (few: number): number => Math.max(1, Math.round(few * factor));

/** What a property has met, by name: one that meets nothing proves nothing. */
export interface OutcomeCounts<K extends string> {
  saw(what: K, isSeen?: boolean): void;
  /** Each at least so often, for the examples of `npm test`. */
  atLeast(floors: Readonly<Record<K, number>>): void;
}

export function outcomeCounts<K extends string>(): OutcomeCounts<K> {
  const counts = new Map<K, number>();
  return {
    saw(what, isSeen = true) {
      if (isSeen) counts.set(what, (counts.get(what) ?? 0) + 1);
    },
    atLeast(floors) {
      for (const [what, floor] of Object.entries<number>(floors))
        expect(counts.get(what as K) ?? 0, `times that "${what}" was met`).toBeGreaterThanOrEqual(floor);
    },
  };
}
