import { setTimeout as sleep } from 'node:timers/promises';
import { type Timers } from './timers.ts';

/** Real time and randomness, for entry points. */
export const realTimers: Timers = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};
