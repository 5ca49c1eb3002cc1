import type { Clock } from '../../reboot/ports/time.ts';
import type { BudgetBlock } from '../../reboot/state/drain-facts.ts';
import { second, toTimestamp, type Instant, type Timestamp } from '../../reboot/ports/time.ts';
import { backoff } from '../api/backoff.ts';
import { clear, isIdle, newAttempt, release, type Attempt } from './attempt.ts';
import { BudgetQueues, type Answer } from './budget-queues.ts';
import { blockFrom, blockOf, roomOf, type BudgetView } from '../pods/budget-view.ts';
import type { EvictionOutcome } from './evict.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

export interface EvictionsDeps {
  readonly clock: Clock;
  readonly random: () => number;
  /** One request; rejects when the drain is aborted. */
  readonly ask: (pod: PodView, force: boolean) => Promise<EvictionOutcome>;
  readonly budgets: () => Iterable<BudgetView>;
  /** Something is worth another look. */
  readonly ring: () => void;
  readonly parallelism: number;
  /** What held this drain back when it was told last, by whoever carried it out then. */
  readonly heldBefore: readonly BudgetBlock[];
}

interface Question {
  /** The budget whose line it came from, as it was seen then. */
  readonly budget: BudgetView | undefined;
  readonly force: boolean;
}

/** Refused for a budget that we have not seen yet, or see differently. */
const blockedWaits = { first: 3 * second, most: 30 * second, factor: 1.5 };
const troubleWaits = { first: 1 * second, most: 30 * second, factor: 2 };
/** Accepted, and still nothing to be seen of it. */
const recheckAfter = 30 * second;
/** About eight minutes in a row: longer than a webhook's own restart, shorter than a person's patience. */
const troublesBorne = 20;

/** Who has been asked to leave, what was answered, and whose turn to be asked is when. */
export class Evictions {
  readonly #deps: EvictionsDeps;
  readonly #attempts = new Map<string, Attempt>();
  readonly #queues: BudgetQueues;
  /** The budget that each pod needs, by UID, as of the last launch. */
  #governing: ReadonlyMap<string, BudgetView> = new Map();
  #asking = 0;
  #broken: { readonly error: unknown } | undefined;

  constructor(deps: EvictionsDeps) {
    this.#deps = deps;
    this.#queues = new BudgetQueues(deps);
  }

  /** Takes note of the pods that have to go, and forgets the others. */
  attend(pods: readonly PodView[]): void {
    const now = this.#deps.clock.now();
    const present = new Set(pods.map((pod) => pod.uid));
    for (const [uid, attempt] of this.#attempts) {
      if (!present.has(uid) && !attempt.asking) this.#attempts.delete(uid);
    }
    for (const pod of pods) {
      const attempt = this.#attempts.get(pod.uid);
      if (!attempt) this.#attempts.set(pod.uid, newAttempt(pod, now));
      else this.#update(attempt, pod, now);
    }
  }

  /** Asks for as many as may be asked for at once. */
  launch(pods: readonly PodView[], force: boolean): void {
    if (this.#broken) throw this.#broken.error;
    const now = this.#deps.clock.now();
    const idle = pods.flatMap((pod) => {
      const attempt = this.#attempts.get(pod.uid);
      return attempt && isIdle(attempt) ? [attempt] : [];
    });
    this.#governing = force ? new Map() : this.#queues.governing(idle.map(({ pod }) => pod));
    for (const attempt of idle) {
      const budget = this.#governing.get(attempt.pod.uid);
      if (attempt.due > now) continue;
      if (budget && !this.#queues.mayAsk(budget)) this.#holdBack(attempt, budget, now);
      else if (this.#asking < this.#deps.parallelism) void this.#ask(attempt, { budget, force });
    }
  }

  /** When the next of these is to be asked for; undefined when nothing but an event can bring that about. */
  nextAt(pods: readonly PodView[]): Instant | undefined {
    if (this.#asking >= this.#deps.parallelism) return undefined;
    let next: Instant | undefined;
    for (const pod of pods) {
      const attempt = this.#attempts.get(pod.uid);
      if (!attempt || !isIdle(attempt)) continue;
      const budget = this.#governing.get(pod.uid);
      const turn = budget === undefined ? attempt.due : this.#queues.nextAt(budget);
      if (turn === undefined) continue;
      const at = Math.max(turn, attempt.due);
      if (next === undefined || at < next) next = at;
    }
    return next;
  }

  /**
   * A budget was counted anew, changed or went: those who wait for it may be asked for again, as many as it
   * has room for.
   */
  budgetChanged(budget: string): void {
    this.#queues.changed(budget);
    const now = this.#deps.clock.now();
    let isOurs = [...this.#governing.values()].some((each) => titleOf(each) === budget);
    for (const attempt of this.#attempts.values()) {
      if (attempt.block?.budget !== budget || !isIdle(attempt)) continue;
      attempt.due = now;
      isOurs = true;
    }
    if (isOurs) this.#deps.ring();
  }

  /** From now on budgets do not count: nobody has to wait. */
  hurry(): void {
    const now = this.#deps.clock.now();
    this.#governing = new Map();
    for (const attempt of this.#attempts.values()) {
      attempt.due = now;
      attempt.accepted = false;
      release(attempt);
    }
    this.#deps.ring();
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

  /** The trouble that has been met too often in a row. */
  givenUp(): string | undefined {
    return [...this.#attempts.values()].find(({ troubles }) => troubles >= troublesBorne)?.trouble;
  }

  #update(attempt: Attempt, pod: PodView, now: Instant): void {
    const before = attempt.pod;
    attempt.pod = pod;
    if (pod.deletesAt !== undefined) release(attempt);
    // A pod that is no longer ready, or has finished, may be one that its budget lets go.
    else if (!attempt.asking && (pod.ready !== before.ready || pod.phase !== before.phase)) attempt.due = now;
  }

  /** Its budget has no room, or has others to ask for first. */
  #holdBack(attempt: Attempt, budget: BudgetView, now: Instant): void {
    if (roomOf(budget) > 0) {
      delete attempt.block;
      return;
    }
    const block = blockOf(budget, attempt.pod);
    attempt.block = { ...block, since: this.#heldSince(attempt, block, now) };
  }

  async #ask(attempt: Attempt, { budget, force }: Question): Promise<void> {
    attempt.asking = true;
    this.#asking += 1;
    if (budget) this.#queues.asks(budget, attempt.pod.name);
    let outcome: EvictionOutcome | undefined;
    try {
      outcome = await this.#deps.ask(attempt.pod, force);
    } catch (error) {
      this.#broken = { error };
    }
    attempt.asking = false;
    this.#asking -= 1;
    if (budget) this.#queues.answered(budget, attempt.pod.name, forQueue(outcome));
    if (outcome) this.#answered(attempt, outcome, budget);
    this.#deps.ring();
  }

  #answered(attempt: Attempt, outcome: EvictionOutcome, budget: BudgetView | undefined): void {
    const now = this.#deps.clock.now();
    const { random } = this.#deps;
    if (outcome.kind === 'trouble') {
      clear(attempt, attempt.troubles + 1);
      attempt.trouble = outcome.sentence;
      attempt.due = now + backoff(troubleWaits, attempt.troubles, random);
      return;
    }
    if (outcome.kind === 'blocked' || outcome.kind === 'later') clear(attempt);
    else release(attempt);
    switch (outcome.kind) {
      case 'replaced':
        // The watch shows it gone in a moment. If not, it was the other conflict: the pod changed while the
        // server looked at it.
        attempt.due = now + backoff(troubleWaits, 2, random);
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
        // It is no fault that could be borne too often: like a budget, it is waited for until the drain's
        // time is over.
        attempt.trouble = outcome.sentence;
        attempt.refused += 1;
        attempt.due =
          now + Math.max(outcome.retryAfterSeconds * second, backoff(troubleWaits, attempt.refused, random));
    }
  }

  #blocked(
    attempt: Attempt,
    outcome: Extract<EvictionOutcome, { kind: 'blocked' }>,
    budget: BudgetView | undefined,
  ): void {
    const now = this.#deps.clock.now();
    const block = blockFrom(outcome.status, attempt.pod, this.#deps.budgets());
    if (block) attempt.block = { ...block, since: this.#heldSince(attempt, block, now) };
    // Whose budget we know waits in its line, where one asks for all.
    if (budget) return;
    attempt.refused += 1;
    const wait = backoff(blockedWaits, attempt.refused, this.#deps.random);
    attempt.due = now + Math.max(wait, outcome.retryAfterSeconds * second);
  }

  #heldSince(attempt: Attempt, { budget, pod }: BudgetBlock, now: Instant): Timestamp {
    const before = this.#deps.heldBefore.find((block) => block.pod === pod && block.budget === budget);
    const since = attempt.held?.budget === budget ? attempt.held.since : (before?.since ?? toTimestamp(now));
    attempt.held = { budget, since };
    return since;
  }
}

function forQueue(outcome: EvictionOutcome | undefined): Answer {
  if (outcome?.kind === 'blocked')
    return { outcome: 'refused', retryAfter: outcome.retryAfterSeconds * second };
  return { outcome: outcome?.kind === 'accepted' ? 'let-go' : 'other' };
}
