import type { KeptPod } from '../../reboot/state/drain-facts.ts';
import { titleOf, type PodView } from './pod-view.ts';
import { controllerOf, workloadKeyOf } from './workload-owners.ts';

/**
 * In characters. Custom kinds may have any length, and a longer text would make the API server refuse the
 * whole record.
 */
const longestTitle = 500;
/** How often the pods that a controller had in the first list may be evicted before its new pods stay. */
const mostTimes = 3;

/**
 * Decides which pods stay that were created after the drain's first list. That list is read after the cordon:
 * every pod in it has to go, whether it was created before the cordon or raced with it. No clocks are
 * compared. A later pod that bypasses the cordon would return after each eviction, so it stays. A later pod
 * that respects the cordon was bound by a scheduler with a stale cache, so it goes. In any case the number of
 * evictions for each controller is limited.
 */
export class Successors {
  readonly #kept = new Map<string, KeptPod>();
  readonly #first = new Set<string>();
  /** By controller: the UIDs of its pods that had to go, and how many may. */
  readonly #moved = new Map<string, Set<string>>();
  readonly #most = new Map<string, number>();

  /** `before`: the stored decisions of an earlier process that ran this drain. */
  constructor(before: readonly KeptPod[]) {
    for (const pod of before) {
      this.#kept.set(pod.uid, pod);
      if (pod.why === 'again' && pod.of !== undefined) this.#most.set(pod.of, 0);
    }
  }

  /** Records the first list. */
  begin(pods: Iterable<PodView>): void {
    const firsts = [...pods].filter(({ uid }) => !this.#kept.has(uid));
    for (const { uid } of firsts) this.#first.add(uid);
    for (const [owner, own] of Map.groupBy(firsts, ownerOf))
      if (!this.#most.has(owner)) this.#most.set(owner, mostTimes * own.length);
  }

  /** Records the pods that have to go now. */
  count(moving: readonly PodView[]): void {
    for (const pod of moving) {
      const owner = ownerOf(pod);
      const moved = this.#moved.get(owner) ?? new Set();
      this.#moved.set(owner, moved.add(pod.uid));
    }
  }

  /** Why a pod stays; undefined for one that has to go. A decision to keep a pod is final. */
  keeps(pod: PodView): KeptPod['why'] | undefined {
    const known = this.#kept.get(pod.uid);
    if (known) return known.why;
    const owner = ownerOf(pod);
    const moved = this.#moved.get(owner);
    if (this.#first.has(pod.uid) || moved?.has(pod.uid)) return undefined;
    const isEnough = (moved?.size ?? 0) >= (this.#most.get(owner) ?? mostTimes);
    const why = pod.comesBack ?? (isEnough ? 'again' : undefined);
    if (why !== undefined) this.#keep(pod, why);
    return why;
  }

  /** The pods among these that stay. */
  among(pods: Iterable<PodView>): readonly KeptPod[] {
    return [...pods].flatMap(({ uid }) => this.#kept.get(uid) ?? []);
  }

  #keep(pod: PodView, why: KeptPod['why']): void {
    const of = pod.controller === undefined ? {} : { of: ownerOf(pod) };
    this.#kept.set(pod.uid, { pod: titleOf(pod), uid: pod.uid, why, ...of });
  }
}

/** A pod without a controller can only be recreated under its own name. */
function ownerOf(pod: PodView): string {
  const owner = controllerOf(pod);
  return (owner === undefined ? `Pod ${titleOf(pod)}` : workloadKeyOf(owner)).slice(0, longestTitle);
}
