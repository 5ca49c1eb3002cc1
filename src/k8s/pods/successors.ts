import type { KeptPod } from '../../reboot/state/drain-facts.ts';
import { titleOf, type PodView } from './pod-view.ts';
import { controllerOf, keyOf } from '../impact/workload-owners.ts';

/**
 * A custom kind may be called anything, and a record with more than its schema allows would be refused as a
 * whole.
 */
const longestTitle = 500;
/** So many times the pods that a controller had here at first may be evicted before its pods are left. */
const mostTimes = 3;

/**
 * Which of the pods that came after the drain's first list stay. That list is read from the API server after
 * the cordon, so that what is in it came before, or slipped in beside it, and has to go: no clock is asked.
 * What comes later without heeding the cordon would come again each time that it is evicted. What comes later
 * although it heeds the cordon was let in by a scheduler that had not heard of it, and goes; but whatever the
 * reason, no controller's pods are evicted without end.
 */
export class Successors {
  readonly #kept = new Map<string, KeptPod>();
  readonly #first = new Set<string>();
  /** By controller: the UIDs of its pods that had to go, and how many may. */
  readonly #moved = new Map<string, Set<string>>();
  readonly #most = new Map<string, number>();

  /** `before`: what was told by another process that carried this drain out. */
  constructor(before: readonly KeptPod[]) {
    for (const pod of before) {
      this.#kept.set(pod.uid, pod);
      if (pod.why === 'again' && pod.of !== undefined) this.#most.set(pod.of, 0);
    }
  }

  /** Told of the first list. */
  begin(pods: Iterable<PodView>): void {
    const firsts = [...pods].filter(({ uid }) => !this.#kept.has(uid));
    for (const { uid } of firsts) this.#first.add(uid);
    for (const [owner, own] of Map.groupBy(firsts, ownerOf))
      if (!this.#most.has(owner)) this.#most.set(owner, mostTimes * own.length);
  }

  /** Takes note of the pods that have to go now. */
  count(moving: readonly PodView[]): void {
    for (const pod of moving) {
      const owner = ownerOf(pod);
      const moved = this.#moved.get(owner) ?? new Set();
      this.#moved.set(owner, moved.add(pod.uid));
    }
  }

  /** Why a pod stays; undefined for one that has to go. What was decided of a pod once holds. */
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

  /** Those of these that stay. */
  among(pods: Iterable<PodView>): readonly KeptPod[] {
    return [...pods].flatMap(({ uid }) => this.#kept.get(uid) ?? []);
  }

  #keep(pod: PodView, why: KeptPod['why']): void {
    const of = pod.controller === undefined ? {} : { of: ownerOf(pod) };
    this.#kept.set(pod.uid, { pod: titleOf(pod), uid: pod.uid, why, ...of });
  }
}

/** A pod without a controller is made again, if at all, under its name. */
function ownerOf(pod: PodView): string {
  const owner = controllerOf(pod);
  return (owner === undefined ? `Pod ${titleOf(pod)}` : keyOf(owner)).slice(0, longestTitle);
}
