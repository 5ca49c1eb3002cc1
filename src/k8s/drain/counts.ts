import type { DrainProgress } from '../../reboot/state/drain-facts.ts';
import { toInstant, type Instant } from '../../reboot/time/time.ts';
import type { PodView } from '../pods/pod-view.ts';

/**
 * Counts the pods of a drain: how many had to go, and how many have gone. Includes earlier processes that ran
 * the same drain.
 */
export class PodCounts {
  /** UIDs of all pods that had to go since this process took the drain over. */
  readonly #seen = new Set<string>();
  readonly #before: DrainProgress | undefined;
  #goneBefore = 0;
  #begun = false;

  /** Progress from before `startedAt` belongs to another drain. */
  constructor(before: DrainProgress | undefined, startedAt: Instant) {
    this.#before = before !== undefined && toInstant(before.at) >= startedAt ? before : undefined;
  }

  /** Counts the pods that have to go now. */
  count(moving: readonly PodView[]): void {
    for (const pod of moving) this.#seen.add(pod.uid);
    if (this.#begun) return;
    this.#begun = true;
    const { total = 0, gone = 0 } = this.#before ?? {};
    // Pods that went while no process counted: the last stored total minus those that are left.
    this.#goneBefore = Math.max(gone, total - moving.length);
  }

  total(): number {
    return this.#goneBefore + this.#seen.size;
  }

  gone(moving: readonly PodView[]): number {
    return this.total() - moving.length;
  }
}
