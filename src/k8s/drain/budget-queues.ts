import { type Clock, type Instant, type Millis, second } from '../../reboot/time/time.ts';
import { backoff } from '../../timing/backoff.ts';
import { governs, evictionsAllowed, type BudgetView } from '../pods/budget-view.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

export interface BudgetQueuesDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly budgets: () => Iterable<BudgetView>;
}

/** The queue of one budget's pods. */
interface Queue {
  /**
   * Names of the pods with a request in flight; true once the budget's status lists the eviction
   * (`disruptedPods`).
   */
  readonly inFlight: Map<string, boolean>;
  /** Consecutive refusals since the last change of the budget. */
  refused: number;
  /** No request before this time. */
  due: Instant;
  /**
   * Names of evicted pods that the budget's status, as last seen, does not list yet, with the time until
   * which each is reserved.
   */
  readonly reserved: Map<string, Instant>;
}

/**
 * Without room. A change of the budget reopens the queue at once; this retries in case the watch misses a
 * change.
 */
const closedDelays = { first: 10 * second, most: 30 * second, factor: 1.5 };
/** With room according to the watch: the refusal was based on an older status. */
const openDelays = { first: 0.3 * second, most: 10 * second, factor: 2 };
/**
 * Each eviction is a conditional write of the same budget's status. The loser of that race waits half a
 * second inside the API server (policy/rest: retry on conflict), so a few concurrent requests are faster than
 * many.
 */
const maxConcurrent = 3;
/** How long a reservation lasts: the time for an eviction to appear in the budget's status. */
const reservedFor: Millis = 2 * second;

export interface QueueAnswer {
  readonly outcome: 'evicted' | 'refused' | 'other';
  readonly retryAfter?: Millis;
}

/**
 * One queue of pods for each budget, so that pods that cannot be evicted send no requests. With room, as many
 * requests run as there is room; without, a single pod is tried from time to time, in case the watch missed a
 * change.
 */
export class BudgetQueues {
  readonly #deps: BudgetQueuesDeps;
  readonly #queues = new Map<string, Queue>();

  constructor(deps: BudgetQueuesDeps) {
    this.#deps = deps;
  }

  /**
   * The one budget that governs each of these pods, by the pod's UID. Left out: pods without a budget, and
   * pods with several, which the API server refuses itself.
   */
  governing(pods: Iterable<PodView>): ReadonlyMap<string, BudgetView> {
    const byNamespace = Map.groupBy(this.#deps.budgets(), ({ namespace }) => namespace);
    const found = new Map<string, BudgetView>();
    for (const pod of pods) {
      const [budget, ...more] = (byNamespace.get(pod.namespace) ?? []).filter((each) => governs(each, pod));
      if (budget && more.length === 0) found.set(pod.uid, budget);
    }
    return found;
  }

  mayRequest(budget: BudgetView): boolean {
    const queue = this.#queueOf(budget);
    if (queue.due > this.#deps.clock.now()) return false;
    const room = evictionsAllowed(budget);
    if (room === 0) return queue.inFlight.size === 0;
    return queue.inFlight.size < Math.min(maxConcurrent, room - this.#reserved(queue).length);
  }

  /** When the next request of this queue may be sent; undefined while an answer is outstanding. */
  nextAt(budget: BudgetView): Instant | undefined {
    const queue = this.#queueOf(budget);
    if (queue.inFlight.size > 0) return undefined;
    const room = evictionsAllowed(budget);
    const reserved = this.#reserved(queue);
    return room > 0 && reserved.length >= room ? Math.min(...reserved) : queue.due;
  }

  requested(budget: BudgetView, pod: string): void {
    this.#queueOf(budget).inFlight.set(pod, false);
  }

  /** `seen`: the budget at the time of the request. */
  answered(seen: BudgetView, pod: string, { outcome, retryAfter = 0 }: QueueAnswer): void {
    const queue = this.#queueOf(seen);
    const isBooked = queue.inFlight.get(pod) === true;
    queue.inFlight.delete(pod);
    if (outcome === 'evicted') {
      queue.refused = 0;
      if (!isBooked) queue.reserved.set(pod, this.#deps.clock.now() + reservedFor);
    }
    if (outcome === 'refused') this.#refused(queue, seen, retryAfter);
  }

  /**
   * A refusal before the change says nothing about the new status. Without room in the new status, no request
   * is sent for a while.
   */
  changed(title: string): void {
    const queue = this.#queues.get(title);
    if (!queue) return;
    const { clock, random } = this.#deps;
    const budget = this.#find(title);
    const isOpen = budget === undefined || evictionsAllowed(budget) > 0;
    for (const pod of budget?.disrupted ?? []) {
      queue.reserved.delete(pod);
      if (queue.inFlight.has(pod)) queue.inFlight.set(pod, true);
    }
    queue.refused = 0;
    queue.due = clock.now() + (isOpen ? 0 : backoff(closedDelays, 1, random));
  }

  #refused(queue: Queue, seen: BudgetView, retryAfter: Millis): void {
    const { clock, random } = this.#deps;
    const budget = this.#find(titleOf(seen)) ?? seen;
    const isOpen = evictionsAllowed(budget) > 0;
    queue.refused += 1;
    const wait = backoff(isOpen ? openDelays : closedDelays, queue.refused, random);
    queue.due = clock.now() + Math.max(wait, isOpen ? 0 : retryAfter);
  }

  #find(title: string): BudgetView | undefined {
    for (const budget of this.#deps.budgets()) if (titleOf(budget) === title) return budget;
    return undefined;
  }

  /** The ends of the reservations that are still valid. */
  #reserved({ reserved }: Queue): readonly Instant[] {
    const now = this.#deps.clock.now();
    return [...reserved.values()].filter((until) => until > now);
  }

  #queueOf(budget: BudgetView): Queue {
    const title = titleOf(budget);
    const known = this.#queues.get(title);
    if (known) return known;
    const queue: Queue = {
      inFlight: new Map(),
      refused: 0,
      due: this.#deps.clock.now(),
      reserved: new Map(),
    };
    this.#queues.set(title, queue);
    return queue;
  }
}
