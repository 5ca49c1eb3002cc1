/** Decides what happens to each effect of each bot, and counts the points that were met. */
import type { Fault, PointFault, SpanFault } from '../story/faults.ts';

export interface Fates {
  /** An effect is about to be passed on: the fault that it meets, if any. Counts the point. */
  meet(bot: number, point: string): PointFault['what'] | undefined;
  holds(what: SpanFault['what'], bot: number): boolean;
  /** How often each point was met. */
  readonly met: ReadonlyMap<string, number>;
  /** Points at which a bot crashed, as `before POINT` and `after POINT`. */
  readonly crashed: ReadonlySet<string>;
  /** The faults are over. */
  end(): void;
}

export function fatesOf(faults: readonly Fault[], now: () => number, start: number): Fates {
  const met = new Map<string, number>();
  const byBot = new Map<string, number>();
  const crashed = new Set<string>();
  const spans = faults.filter((fault) => fault.kind === 'span');
  let isOver = false;
  return {
    met,
    crashed,
    end: () => {
      isOver = true;
    },
    meet(bot, point) {
      met.set(point, (met.get(point) ?? 0) + 1);
      const key = `${bot} ${point}`;
      const nth = (byBot.get(key) ?? 0) + 1;
      byBot.set(key, nth);
      const ofAll = met.get(point) ?? 0;
      if (isOver) return undefined;
      const meets = (fault: Fault): boolean =>
        fault.kind === 'point' &&
        fault.point === point &&
        (fault.bot === undefined ? fault.nth === ofAll : fault.bot === bot && fault.nth === nth);
      const what = faults.find(meets)?.what as PointFault['what'] | undefined;
      if (what === 'crash-before' || what === 'crash-after') crashed.add(`${what.slice(6)} ${point}`);
      return what;
    },
    holds(what, bot) {
      const at = now() - start;
      const isOn = (span: SpanFault): boolean =>
        span.what === what && (span.bot ?? bot) === bot && span.at <= at && at < span.at + span.lasts;
      return !isOver && spans.some(isOn);
    },
  };
}
