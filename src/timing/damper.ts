import { Burst, type BurstShape } from './burst.ts';
import type { Sleep } from './sleep.ts';
import type { Clock, Millis } from '../reboot/time/time.ts';

export interface DamperDeps {
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly signal: AbortSignal;
}

interface Damped {
  readonly burst: Burst;
  waiting: boolean;
}

/** Number of keys above which idle ones are evicted. */
const keptKeys = 256;

/**
 * A leading-edge debounce per key. The first calls pass at once. While calls for a key continue, they are
 * coalesced into one at the end of a delay that doubles. The last call is never dropped.
 */
export function damper(
  deps: DamperDeps,
  shape: BurstShape,
  work: (key: string) => void,
): (key: string) => void {
  const { clock, sleep, signal } = deps;
  const known = new Map<string, Damped>();
  let sweepAt = keptKeys;
  const isIdle = ({ burst, waiting }: Damped): boolean => !waiting && burst.isOver(clock.now());
  const dampedOf = (key: string): Damped => {
    const found = known.get(key);
    if (found !== undefined && !isIdle(found)) return found;
    if (known.size >= sweepAt) {
      for (const [each, damped] of known) if (isIdle(damped)) known.delete(each);
      sweepAt = Math.max(keptKeys, 2 * known.size);
    }
    const damped = { burst: new Burst(shape), waiting: false };
    known.set(key, damped);
    return damped;
  };
  const pass = (key: string, { burst }: Damped): void => {
    burst.passed(clock.now());
    work(key);
  };
  const passLater = async (key: string, damped: Damped, wait: Millis): Promise<void> => {
    damped.waiting = true;
    await sleep(wait, signal).catch(() => undefined);
    damped.waiting = false;
    if (!signal.aborted) pass(key, damped);
  };
  return (key) => {
    const damped = dampedOf(key);
    if (damped.waiting) return;
    const wait = damped.burst.wait(clock.now());
    if (wait > 0) void passLater(key, damped, wait);
    else pass(key, damped);
  };
}
