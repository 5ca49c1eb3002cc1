/** Compares the readiness of a node's workloads before its reboot with now. Pure. */
import type { Blocker } from '../scheduling/blockers/blockers.ts';

/**
 * Controllers that keep a number of replicas running on any node. DaemonSets are bound to their node, and
 * Jobs have no readiness.
 */
export const workloadKinds = ['Deployment', 'StatefulSet', 'ReplicaSet', 'ReplicationController'] as const;
export type WorkloadKind = (typeof workloadKinds)[number];

export interface WorkloadName {
  readonly kind: WorkloadKind;
  readonly namespace: string;
  readonly name: string;
}

/** How many pods of a workload are ready, in the whole cluster. */
export interface WorkloadReadiness extends WorkloadName {
  readonly ready: number;
}

/** The readiness before the reboot of `node`. */
export interface WorkloadBefore extends WorkloadReadiness {
  readonly node: string;
}

export interface WorkloadNow extends WorkloadReadiness {
  /** Desired replicas. */
  readonly wanted: number;
  /** The controller has not observed the current generation: its counts belong to an earlier spec. */
  readonly uncounted?: true;
}

/** A limit on the stored size of a Reboot: further workloads are not compared. */
export const mostWorkloads = 100;

export const workloadKey = ({ kind, namespace, name }: WorkloadName): string =>
  `${kind} ${namespace}/${name}`;

/**
 * For each workload the record with the most ready pods: a node that started while another drained recorded
 * fewer.
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
 * Workloads with fewer ready pods than before and fewer than desired now. A workload that was scaled down or
 * deleted is no shortfall.
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

/** The compared workloads whose counts are not valid yet. */
export const uncounted = (
  before: readonly WorkloadBefore[],
  now: readonly WorkloadNow[],
): readonly WorkloadNow[] => {
  const compared = new Set(before.map((workload) => workloadKey(workload)));
  return now.filter((workload) => workload.uncounted && compared.has(workloadKey(workload)));
};

/** The blocker that halts the rollout of a pool; undefined where all workloads are as ready as before. */
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
