/** How ready the workloads of a node are: before its reboot, and when the rollout is about to go on. Pure. */
import type { Blocker } from '../scheduling/blockers.ts';

/**
 * What keeps a number of pods running, wherever. A DaemonSet belongs to its node, and a Job to nobody's
 * readiness.
 */
export const workloadKinds = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

export interface WorkloadName {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

/** How many pods of a workload were ready, in the whole cluster. */
export interface WorkloadReadiness extends WorkloadName {
  readonly ready: number;
}

/** One of a node that was rebooted, as it was when that began. */
export interface WorkloadBefore extends WorkloadReadiness {
  readonly node: string;
}

export interface WorkloadNow extends WorkloadReadiness {
  /** Replicas that are wished for. */
  readonly wanted: number;
  /**
   * Its controller has not counted its pods since it was last changed: what it said before is of an earlier
   * spec.
   */
  readonly uncounted?: true;
}

/** A Reboot stays a small object: what is on a node beyond this is not compared. */
export const mostWorkloads = 100;

export const workloadKey = ({ kind, namespace, name }: WorkloadName): string =>
  `${kind} ${namespace}/${name}`;

/**
 * Of each workload the time when most of its pods were ready: a node that went while another drained saw less
 * of it.
 */
export function bestBefore(all: readonly WorkloadBefore[]): readonly WorkloadBefore[] {
  const best = new Map<string, WorkloadBefore>();
  for (const before of all) {
    const known = best.get(workloadKey(before));
    if (known === undefined || known.ready < before.ready) best.set(workloadKey(before), before);
  }
  return [...best.values()];
}

interface Shortfall {
  readonly before: WorkloadBefore;
  readonly now: WorkloadNow;
}

/**
 * Fewer pods are ready than before, and fewer than are wished for now: what was scaled down, or deleted,
 * lacks nothing.
 */
function shortfalls(all: readonly WorkloadBefore[], now: readonly WorkloadNow[]): readonly Shortfall[] {
  const found = new Map(now.map((workload) => [workloadKey(workload), workload]));
  return bestBefore(all).flatMap((before) => {
    const workload = found.get(workloadKey(before));
    if (
      workload === undefined ||
      workload.uncounted ||
      workload.ready >= Math.min(before.ready, workload.wanted)
    )
      return [];
    return [{ before, now: workload }];
  });
}

const mostNamed = 3;

/** Of those that are compared, the ones whose counts say nothing yet. */
export const uncounted = (
  before: readonly WorkloadBefore[],
  now: readonly WorkloadNow[],
): readonly WorkloadNow[] => {
  const compared = new Set(before.map((workload) => workloadKey(workload)));
  return now.filter((workload) => workload.uncounted && compared.has(workloadKey(workload)));
};

/** The rollout of a pool stops here, unless its workloads are as ready as they were. */
export function rolloutHalted(
  pool: string,
  before: readonly WorkloadBefore[],
  now: readonly WorkloadNow[],
): Blocker | undefined {
  const missing = shortfalls(before, now);
  if (missing.length === 0) return undefined;
  const told = missing.slice(0, mostNamed).map(shortfallInWords).join('; ');
  const rest = missing.length - mostNamed;
  const them = missing.length === 1 ? 'it is' : 'they are';
  return {
    code: 'rollout-halted',
    sentence: `The rollout is halted: ${told}${rest > 0 ? `; and ${rest} more` : ''}.`,
    clears: `It goes on when ${them} as ready as before, or when an approver says so: "Go on" in its digest, or "/reboot resume ${pool}".`,
  };
}

function shortfallInWords({ before, now }: Shortfall): string {
  const pods = now.wanted === 1 ? 'pod' : 'pods';
  const were = before.ready === 1 ? 'was' : 'were';
  return `${workloadKey(now)} has ${now.ready} of ${now.wanted} ${pods} ready; ${before.ready} ${were} before ${before.node} was rebooted`;
}
