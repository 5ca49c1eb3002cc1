import type { Clock } from '../../src/reboot/ports/time.ts';
import { noon } from './builders.ts';

/** A clock that only moves when it is advanced or set. */
export function fakeClock(start = noon): Clock & { advance(ms: number): void; set(instant: number): void } {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
    set: (instant) => {
      now = instant;
    },
  };
}
