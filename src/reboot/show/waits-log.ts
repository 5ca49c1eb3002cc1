import type { Logger } from '../ports/logger.ts';
import type { DrainProgress } from '../state/drain-facts.ts';
import type { In } from '../state/reboot.ts';
import { minute, type Millis, second, toInstant } from '../time/time.ts';
import { fieldsOf } from '../loop/apply.ts';

/**
 * Returns a logger of drain progress: one line per budget when it starts to block the drain, then each time
 * the wait has doubled, from one minute on.
 */
export function waitsLog(logger: Logger, reboot: In<'Draining'>): (progress: DrainProgress) => void {
  /** By budget: the waiting time at which the next line is due, in milliseconds. */
  const next = new Map<string, Millis>();
  return ({ at, waiting }) => {
    const firsts = new Map(waiting.toReversed().map((block) => [block.budget, block]));
    for (const budget of next.keys()) if (!firsts.has(budget)) next.delete(budget);
    for (const { budget, needed, healthy, pod, since, kind } of firsts.values()) {
      const waited = toInstant(at) - toInstant(since ?? reboot.state.since);
      if (waited < (next.get(budget) ?? 0)) continue;
      next.set(budget, Math.max(minute, 2 * waited));
      const facts = { budget, needed, healthy, pod, kind, waited_s: Math.round(waited / second) };
      logger.info('drain waits for budget', { ...fieldsOf(reboot), ...facts });
    }
  };
}
