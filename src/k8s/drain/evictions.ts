import { type Clock, second, toTimestamp, type Instant, type Timestamp } from '../../reboot/time/time.ts';
import type { BudgetBlock } from '../../reboot/state/drain-facts.ts';
import { backoff } from '../../timing/backoff.ts';
import { clear, isIdle, newAttempt, release, type Attempt } from './attempt.ts';
import { BudgetQueues, type QueueAnswer } from './budget-queues.ts';
import { blockFrom, blockOf, evictionsAllowed, type BudgetView } from '../pods/budget-view.ts';
import type { EvictionOutcome } from './evict.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

export interface EvictionsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** Sends one request. Rejects when the drain is aborted. */
  readonly send: (pod: PodView, force: boolean) => Promise<EvictionOutcome>;
  readonly budgets: () => Iterable<BudgetView>;
  /** Wakes the drain's loop. */
  readonly notify: () => void;
  readonly parallelism: number;
  /** The stored blocks of this drain, from the process that ran it before. */
  readonly storedBlocks: readonly BudgetBlock[];
}

interface RequestOptions {
  /** The budget whose queue the request came from, at the time of the request. */
  readonly budget: BudgetView | undefined;
  readonly force: boolean;
}

/** Refused because of a budget that is not in the cache yet, or differs there. */
const blockedDelays = { first: 3 * second, most: 30 * second, factor: 1.5 };
const troubleDelays = { first: 1 * second, most: 30 * second, factor: 2 };
/** Accepted, but the watch does not show the deletion yet. */
const recheckAfter = 30 * second;
/**
 * About eight minutes of retries: longer than a webhook takes to restart, short enough that a person need not
 * wait for it.
 */
const maxTroubles = 20;

/** The eviction requests of a drain: their answers, and when each pod is tried next. */
export class Evictions {
  readonly #deps: EvictionsDeps;
  readonly #attempts = new Map<string, Attempt>();
  readonly #queues: BudgetQueues;
  /** The budget that governs each pod, by UID, as of the last launch. */
  #governing: ReadonlyMap<string, BudgetView> = new Map();
  #inFlight = 0;
  #fatal: { readonly error: unknown } | undefined;

  constructor(deps: EvictionsDeps) {
    this.#deps = deps;
    this.#queues = new BudgetQueues(deps);
  }

  /** Tracks the pods that have to go, and drops the others. */
  track(pods: readonly PodView[]): void {
    const now = this.#deps.clock.now();
    const present = new Set(pods.map((pod) => pod.uid));
    for (const [uid, attempt] of this.#attempts) {
      if (!present.has(uid) && !attempt.inFlight) this.#attempts.delete(uid);
    }
    for (const pod of pods) {
      const attempt = this.#attempts.get(pod.uid);
      if (!attempt) this.#attempts.set(pod.uid, newAttempt(pod, now));
      else this.#update(attempt, pod, now);
    }
  }

  /** Sends as many requests as parallelism and budgets allow. */
  launch(pods: readonly PodView[], force: boolean): void {
    if (this.#fatal) throw this.#fatal.error;
    const now = this.#deps.clock.now();
    const idle = pods.flatMap((pod) => {
      const attempt = this.#attempts.get(pod.uid);
      return attempt && isIdle(attempt) ? [attempt] : [];
    });
    this.#governing = force ? new Map() : this.#queues.governing(idle.map(({ pod }) => pod));
    for (const attempt of idle) {
      const budget = this.#governing.get(attempt.pod.uid);
      if (attempt.due > now) continue;
      if (budget && !this.#queues.mayRequest(budget)) this.#block(attempt, budget, now);
      else if (this.#inFlight < this.#deps.parallelism) void this.#send(attempt, { budget, force });
    }
  }

  /** When the next of these pods is due; undefined when only an event can make one due. */
  nextAt(pods: readonly PodView[]): Instant | undefined {
    if (this.#inFlight >= this.#deps.parallelism) return undefined;
    let next: Instant | undefined;
    for (const pod of pods) {
      const attempt = this.#attempts.get(pod.uid);
      if (!attempt || !isIdle(attempt)) continue;
      const budget = this.#governing.get(pod.uid);
      const queueDue = budget === undefined ? attempt.due : this.#queues.nextAt(budget);
      if (queueDue === undefined) continue;
      const at = Math.max(queueDue, attempt.due);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /** After a change or deletion of a budget: its pods may be tried again, as far as it has room. */
  budgetChanged(budget: string): void {
    this.#queues.changed(budget);
    const now = this.#deps.clock.now();
    let isOurs = [...this.#governing.values()].some((each) => titleOf(each) === budget);
    for (const attempt of this.#attempts.values()) {
      if (attempt.block?.budget !== budget || !isIdle(attempt)) continue;
      attempt.due = now;
      isOurs = true;
    }
    if (isOurs) this.#deps.notify();
  }

  /** Ignores budgets from now on: all pods are due. */
  ignoreBudgets(): void {
    const now = this.#deps.clock.now();
    this.#governing = new Map();
    for (const attempt of this.#attempts.values()) {
      attempt.due = now;
      attempt.accepted = false;
      release(attempt);
    }
    this.#deps.notify();
  }

  blocks(): readonly BudgetBlock[] {
    return [...this.#attempts.values()].flatMap(({ block }) => (block ? [block] : []));
  }

  troubles(): readonly string[] {
    return [
      ...new Set(
        [...this.#attempts.values()].flatMap(({ trouble }) => (trouble === undefined ? [] : [trouble])),
      ),
    ];
  }

  isLeaving(pod: PodView): boolean {
    return pod.deletesAt !== undefined || this.#attempts.get(pod.uid)?.accepted === true;
  }

  /** The error that was met too many times in a row. */
  givenUp(): string | undefined {
    return [...this.#attempts.values()].find(({ troubles }) => troubles >= maxTroubles)?.trouble;
  }

  #update(attempt: Attempt, pod: PodView, now: Instant): void {
    const before = attempt.pod;
    attempt.pod = pod;
    if (pod.deletesAt !== undefined) release(attempt);
    // A pod that is no longer ready, or has finished, may have become evictable under its budget.
    else if (!attempt.inFlight && (pod.ready !== before.ready || pod.phase !== before.phase))
      attempt.due = now;
  }

  /** The budget has no room, or its queue has requests in flight. */
  #block(attempt: Attempt, budget: BudgetView, now: Instant): void {
    if (evictionsAllowed(budget) > 0) {
      delete attempt.block;
      return;
    }
    const block = blockOf(budget, attempt.pod);
    attempt.block = { ...block, since: this.#blockedSince(attempt, block, now) };
  }

  async #send(attempt: Attempt, { budget, force }: RequestOptions): Promise<void> {
    attempt.inFlight = true;
    this.#inFlight += 1;
    if (budget) this.#queues.requested(budget, attempt.pod.name);
    let outcome: EvictionOutcome | undefined;
    try {
      outcome = await this.#deps.send(attempt.pod, force);
    } catch (error) {
      this.#fatal = { error };
    }
    attempt.inFlight = false;
    this.#inFlight -= 1;
    if (budget) this.#queues.answered(budget, attempt.pod.name, forQueue(outcome));
    if (outcome) this.#answered(attempt, outcome, budget);
    this.#deps.notify();
  }

  #answered(attempt: Attempt, outcome: EvictionOutcome, budget: BudgetView | undefined): void {
    const now = this.#deps.clock.now();
    const { random } = this.#deps;
    if (outcome.kind === 'trouble') {
      clear(attempt, attempt.troubles + 1);
      attempt.trouble = outcome.sentence;
      attempt.due = now + backoff(troubleDelays, attempt.troubles, random);
      return;
    }
    if (outcome.kind === 'blocked' || outcome.kind === 'later') clear(attempt);
    else release(attempt);
    switch (outcome.kind) {
      case 'replaced':
        // Usually the watch shows the deletion in a moment. Otherwise it was the other kind of conflict: the
        // pod changed while the server processed the eviction.
        attempt.due = now + backoff(troubleDelays, 2, random);
        return;
      case 'accepted':
      case 'gone':
      case 'leaving-namespace':
        attempt.accepted = true;
        attempt.refused = 0;
        attempt.due = now + recheckAfter;
        return;
      case 'blocked':
        this.#blocked(attempt, outcome, budget);
        return;
      case 'later':
        // Does not count as trouble: as with a budget, retries go on until the drain's deadline.
        attempt.trouble = outcome.sentence;
        attempt.refused += 1;
        attempt.due =
          now + Math.max(outcome.retryAfterSeconds * second, backoff(troubleDelays, attempt.refused, random));
    }
  }

  #blocked(
    attempt: Attempt,
    outcome: Extract<EvictionOutcome, { kind: 'blocked' }>,
    budget: BudgetView | undefined,
  ): void {
    const now = this.#deps.clock.now();
    const block = blockFrom(outcome.status, attempt.pod, this.#deps.budgets());
    if (block) attempt.block = { ...block, since: this.#blockedSince(attempt, block, now) };
    // The queue of a known budget schedules the retry, one request for all of its pods.
    if (budget) return;
    attempt.refused += 1;
    const wait = backoff(blockedDelays, attempt.refused, this.#deps.random);
    attempt.due = now + Math.max(wait, outcome.retryAfterSeconds * second);
  }

  #blockedSince(attempt: Attempt, { budget, pod }: BudgetBlock, now: Instant): Timestamp {
    const before = this.#deps.storedBlocks.find((block) => block.pod === pod && block.budget === budget);
    const since =
      attempt.blockedBy?.budget === budget ? attempt.blockedBy.since : (before?.since ?? toTimestamp(now));
    attempt.blockedBy = { budget, since };
    return since;
  }
}

function forQueue(outcome: EvictionOutcome | undefined): QueueAnswer {
  if (outcome?.kind === 'blocked')
    return { outcome: 'refused', retryAfter: outcome.retryAfterSeconds * second };
  return { outcome: outcome?.kind === 'accepted' ? 'evicted' : 'other' };
}
