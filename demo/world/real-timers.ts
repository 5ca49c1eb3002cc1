import { setTimeout as sleep } from 'node:timers/promises';
import { type Timers } from './timers.ts';

/** The machine's own time and chance: for the outermost door. */
export const realTimers: Timers = {
  now: () => Date.now(),
  random: () => Math.random(),
  sleep: (milliseconds, signal) => sleep(milliseconds, undefined, signal === undefined ? {} : { signal }),
};
