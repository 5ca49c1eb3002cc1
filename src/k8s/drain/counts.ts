import type { DrainProgress } from '../../reboot/state/drain-facts.ts';
import { toInstant, type Instant } from '../../reboot/ports/time.ts';
import type { PodView } from '../pods/pod-view.ts';

/**
 * How many pods had to go, and how many have: by this process, and by those that carried this drain out
 * before it.
 */
export class PodCounts {
  /** Every pod that had to go, by UID, since this process began. */
  readonly #seen = new Set<string>();
  readonly #before: DrainProgress | undefined;
  #goneBefore = 0;
  #begun = false;

  /** Progress from before `startedAt` is another drain's. */
  constructor(before: DrainProgress | undefined, startedAt: Instant) {
    this.#before = before !== undefined && toInstant(before.at) >= startedAt ? before : undefined;
  }

  /** Takes note of the pods that have to go now. */
  count(moving: readonly PodView[]): void {
    for (const pod of moving) this.#seen.add(pod.uid);
    if (this.#begun) return;
    this.#begun = true;
    const { total = 0, gone = 0 } = this.#before ?? {};
    // What went while nobody counted is what was there when it was told last, and is not any more.
    this.#goneBefore = Math.max(gone, total - moving.length);
  }

  total(): number {
    return this.#goneBefore + this.#seen.size;
  }

  gone(moving: readonly PodView[]): number {
    return this.total() - moving.length;
  }
}
