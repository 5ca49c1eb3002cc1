import { createLiveViews, type LiveViews } from '../../src/bot/live/live-views.ts';
import type { FakeClock } from './fake-clock.ts';
import { silentLogger } from './silent-logger.ts';

/** Live views on a fake clock. */
export const liveViews = (clock: FakeClock, signal: AbortSignal = new AbortController().signal): LiveViews =>
  createLiveViews({ clock, sleep: clock.sleep, logger: silentLogger, signal });
