import type { DaemonPod } from '../../reboot/nodes/observation.ts';
import type { DrainEvent } from '../../reboot/ports/cluster/drains.ts';
import type { DrainProgress } from '../../reboot/state/drain-facts.ts';
import type { Instant } from '../../reboot/time/time.ts';
import { isWorthStoring, type ProgressThrottle } from './progress-throttle.ts';

/** The events of a drain, from its progress. */
export interface DrainReports {
  /** What the first event names beside what it reports. */
  readonly found: (daemonPodsNotReady: readonly DaemonPod[]) => void;
  /** The first progress; undefined when there was one. */
  readonly first: (progress: DrainProgress) => DrainEvent | undefined;
  readonly changed: (progress: DrainProgress) => DrainEvent | undefined;
  /** The end, after the last progress where that is worth storing. */
  readonly end: (ended: DrainEvent, progress: () => DrainProgress) => readonly DrainEvent[];
  /** When suppressed progress may be reported; undefined when none is. */
  readonly nextAt: () => Instant | undefined;
}

export function drainReports(throttle: ProgressThrottle): DrainReports {
  let isBegun = false;
  let daemons: { readonly daemonPodsNotReady?: readonly DaemonPod[] } = {};
  const named = <E extends DrainEvent>(event: E): E => {
    const found = event.kind === 'failed' || event.kind === 'superseded' ? {} : daemons;
    daemons = {};
    isBegun = true;
    return { ...event, ...found };
  };
  const reported = (progress: DrainProgress | undefined): DrainEvent | undefined =>
    progress && named({ kind: 'progress', progress });
  return {
    found: (daemonPodsNotReady) => {
      daemons = daemonPodsNotReady.length === 0 ? {} : { daemonPodsNotReady };
    },
    first: (progress) => (isBegun ? undefined : reported(throttle.begin(progress))),
    changed: (progress) => reported(throttle.changed(progress)),
    end(ended, progress) {
      if (!isWorthStoring(ended)) return [named(ended)];
      const last = ended.kind === 'drained' ? ({ last: true } as const) : {};
      return [named({ kind: 'progress', progress: progress(), ...last }), named(ended)];
    },
    nextAt: throttle.nextAt,
  };
}
