/** The outcome of a reconcile: what is to happen next. The worker schedules it. */
import { type JobResult, nothingDone } from '../ports/job-report.ts';
import type { Queue } from '../ports/queue.ts';
import type { LoopStep } from '../machine/step.ts';
import type { Instant } from '../time/time.ts';

export interface Wake {
  readonly reboot: string;
  /** Absent: now. */
  readonly at?: Instant;
  readonly step?: LoopStep;
}

export interface Outcome {
  /** When this Reboot has to be reconciled next without an event. */
  readonly requeueAt?: Instant;
  /** The step that is next. */
  readonly next?: LoopStep;
  /** Reboots whose cards have to be rendered. */
  readonly render: readonly string[];
  /** Other Reboots to reconcile. */
  readonly wake: readonly Wake[];
  /** The drain of this Reboot has to run. */
  readonly drain: boolean;
  /** The start of this Reboot has to be tried. */
  readonly start: boolean;
  readonly result: JobResult;
  /** The error that ended the reconcile. What was requested before it is scheduled all the same. */
  readonly failure?: { readonly error: unknown };
}

export interface Recorder {
  /** Records what is added to it, instead of a queue. */
  readonly queue: Queue;
  /** Without a result yet. */
  outcome(): Outcome;
}

/** Records what the reconcile of a Reboot asks for. */
export function recorder(name: string, { queue, now }: { queue: Queue; now: () => Instant }): Recorder {
  const render = new Set<string>();
  const wake: Wake[] = [];
  let requeueAt = Number.POSITIVE_INFINITY;
  let next: LoopStep | undefined;
  let drain = false;
  let start = false;
  return {
    queue: {
      ...queue,
      reconcile: async (reboot, at, step) => {
        if (reboot === name) {
          requeueAt = Math.min(requeueAt, at ?? now());
          next = step ?? next;
        } else if (!wake.some((other) => other.reboot === reboot && other.at === at))
          wake.push({ reboot, ...(at === undefined ? {} : { at }), ...(step === undefined ? {} : { step }) });
      },
      drain: async () => {
        drain = true;
      },
      start: async () => {
        start = true;
      },
      render: async (reboot) => void render.add(reboot),
    },
    outcome: () => ({
      ...(Number.isFinite(requeueAt) ? { requeueAt } : {}),
      render: [...render],
      wake,
      drain,
      start,
      ...(next === undefined ? {} : { next }),
      result: nothingDone,
    }),
  };
}
