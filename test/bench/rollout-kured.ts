/**
 * kured's loop as a model, from what it documents and does (1.23): each node looks once a period, at a time
 * of its own; who finds a lock free takes it, drains, reboots and, half a minute to one and a half after its
 * pod is back, uncordons and gives the lock back; who finds none free waits a whole period. There are no
 * pools, so that each pool is given a DaemonSet and locks of its own. Nothing is proven, and nothing is
 * watched after the boot.
 */
import { day, type Instant, type Millis, minute, second } from '../../src/reboot/time/time.ts';
import type { MaintenanceWindow } from '../../src/reboot/policy/pool-windows.ts';
import type { ModelNode } from './rollout-nodes.ts';
import { between, seeded } from './seeded.ts';

export interface Kured {
  /** How long each node holds its lock once it has it at that time. */
  readonly holds: readonly ((taken: Millis) => Millis)[];
  readonly locks: number;
  readonly period: Millis;
  readonly random: () => number;
  /** Of times since the start; absent: always. */
  readonly open?: (time: Millis) => boolean;
}

/** From the moment at which all nodes need a reboot until the last has given its lock back. */
export function kuredTakes({ holds, locks, period, random, open = () => true }: Kured): Millis {
  const ticks = holds.map((hold) => ({ hold, at: random() * period }));
  const held: Millis[] = [];
  let last = 0;
  while (ticks.length > 0) {
    ticks.sort((a, b) => b.at - a.at);
    const tick = ticks.pop();
    if (tick === undefined) break;
    const taken = held.filter((until) => until > tick.at);
    if (taken.length >= locks || !open(tick.at)) ticks.push({ ...tick, at: tick.at + period });
    else {
      const until = tick.at + tick.hold(tick.at);
      held.push(until);
      last = Math.max(last, until);
    }
  }
  return last;
}

/** A DaemonSet of kured with nodes and locks of its own. */
export interface Flock {
  readonly nodes: readonly ModelNode[];
  readonly locks: number;
}

/** Several of them run independently: the slowest determines the end. */
export function kuredRollout(
  flocks: readonly Flock[],
  about: {
    readonly period: Millis;
    readonly seed: number;
    readonly start: Instant;
    readonly window?: MaintenanceWindow | undefined;
  },
): Millis {
  const random = seeded(about.seed * 104_729);
  const { window, period } = about;
  const open = (time: Millis): boolean => {
    if (window === undefined) return true;
    const since = (((about.start + time) % day) - window.start * minute + day) % day;
    return since < window.length * minute;
  };
  const takes = flocks.map(({ nodes, locks }) =>
    kuredTakes({ locks, period, random, open, holds: nodes.map((node) => holdOf(node, random)) }),
  );
  return Math.max(...takes);
}

function holdOf({ drain, boot, stuck }: ModelNode, random: () => number): (taken: Millis) => Millis {
  const notices = between(random, 30 * second, 90 * second);
  return (taken) => Math.max(0, stuck - taken) + drain + boot + notices;
}
