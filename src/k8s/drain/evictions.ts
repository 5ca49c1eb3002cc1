import type { Clock } from '../../reboot/ports.ts';
import type { BudgetBlock } from '../../reboot/reboot.ts';
import { second, toTimestamp, type Instant, type Timestamp } from '../../reboot/time.ts';
import { backoff } from '../api/backoff.ts';
import { blockFrom, covers, type BudgetView } from './budgets.ts';
import type { EvictionOutcome } from './evict.ts';
import { titleOf, type PodView } from './pod-view.ts';

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

interface Attempt {
  pod: PodView;
  asking: boolean;
  /** Not to be asked for before. */
  due: Instant;
  refused: number;
  troubles: number;
  accepted: boolean;
  block?: BudgetBlock;
  /** By which budget it is held back, and since when without a break; trouble in between is no break. */
  held?: { readonly budget: string; readonly since: Timestamp };
  trouble?: string;
}

/** The budget's change wakes its pods at once; this is for changes that nobody shows us. */
const blockedWaits = { first: 6 * second, most: 30 * second, factor: 1.5 };
/** The budget has room again, by what the watch says: the refusal was older news. */
const roomWaits = { first: 0.3 * second, most: 10 * second, factor: 2 };
const troubleWaits = { first: 1 * second, most: 30 * second, factor: 2 };
/** Accepted, and still nothing to be seen of it. */
const recheckAfter = 30 * second;
/** About eight minutes in a row: longer than a webhook's own restart, shorter than a person's patience. */
const troublesBorne = 20;

/** Who has been asked to leave, what was answered, and whose turn to be asked is when. */
export class Evictions {
  readonly #deps: EvictionsDeps;
  readonly #attempts = new Map<string, Attempt>();
  #asking = 0;
  #broken: { readonly error: unknown } | undefined;

  constructor(deps: EvictionsDeps) {
    this.#deps = deps;
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
      if (!attempt)
        this.#attempts.set(pod.uid, {
          pod,
          asking: false,
          due: now,
          refused: 0,
          troubles: 0,
          accepted: false,
        });
      else this.#update(attempt, pod, now);
    }
  }

  /** Asks for as many as may be asked for at once. */
  launch(pods: readonly PodView[], force: boolean): void {
    if (this.#broken) throw this.#broken.error;
    const now = this.#deps.clock.now();
    for (const pod of pods) {
      if (this.#asking >= this.#deps.parallelism) return;
      const attempt = this.#attempts.get(pod.uid);
      if (attempt && isIdle(attempt) && attempt.due <= now) void this.#ask(attempt, force);
    }
  }

  /** When the next of these is to be asked for; undefined when nothing but an event can bring that about. */
  nextAt(pods: readonly PodView[]): Instant | undefined {
    if (this.#asking >= this.#deps.parallelism) return undefined;
    let next: Instant | undefined;
    for (const pod of pods) {
      const attempt = this.#attempts.get(pod.uid);
      if (attempt && isIdle(attempt) && (next === undefined || attempt.due < next)) next = attempt.due;
    }
    return next;
  }

  /** A budget was counted anew, changed or went: those who wait for it are asked for again, as many as it has room for. */
  budgetChanged(budget: string): void {
    const view = [...this.#deps.budgets()].find((candidate) => titleOf(candidate) === budget);
    const waiting = [...this.#attempts.values()].filter((attempt) => attempt.block?.budget === budget);
    const asking = waiting.filter((attempt) => attempt.asking).length;
    const room = view === undefined ? waiting.length : view.counted ? view.allowed - asking : 0;
    const now = this.#deps.clock.now();
    const next = waiting.filter((attempt) => isIdle(attempt)).slice(0, Math.max(0, room));
    for (const attempt of next) attempt.due = now;
    if (next.length > 0) this.#deps.ring();
  }

  /** From now on budgets do not count: nobody has to wait. */
  hurry(): void {
    const now = this.#deps.clock.now();
    for (const attempt of this.#attempts.values()) {
      attempt.due = now;
      attempt.accepted = false;
      this.#release(attempt);
    }
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
    if (pod.deletesAt !== undefined) this.#release(attempt);
    // A pod that is no longer ready, or has finished, may be one that its budget lets go.
    else if (!attempt.asking && (pod.ready !== before.ready || pod.phase !== before.phase)) attempt.due = now;
  }

  async #ask(attempt: Attempt, force: boolean): Promise<void> {
    attempt.asking = true;
    this.#asking += 1;
    try {
      this.#answered(attempt, await this.#deps.ask(attempt.pod, force));
    } catch (error) {
      this.#broken = { error };
    } finally {
      attempt.asking = false;
      this.#asking -= 1;
      this.#deps.ring();
    }
  }

  #answered(attempt: Attempt, outcome: EvictionOutcome): void {
    const now = this.#deps.clock.now();
    const { random } = this.#deps;
    if (outcome.kind === 'trouble') {
      this.#clear(attempt, attempt.troubles + 1);
      attempt.trouble = outcome.sentence;
      attempt.due = now + backoff(troubleWaits, attempt.troubles, random);
      return;
    }
    if (outcome.kind === 'blocked' || outcome.kind === 'busy') this.#clear(attempt);
    else this.#release(attempt);
    switch (outcome.kind) {
      case 'replaced':
        // The watch shows it gone in a moment. If not, it was the other conflict: the pod changed while the server looked at it.
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
        this.#blocked(attempt, outcome, now);
        return;
      case 'busy':
        attempt.refused += 1;
        attempt.due =
          now + Math.max(outcome.retryAfterSeconds * second, backoff(troubleWaits, attempt.refused, random));
    }
  }

  #blocked(attempt: Attempt, outcome: Extract<EvictionOutcome, { kind: 'blocked' }>, now: Instant): void {
    const budgets = [...this.#deps.budgets()];
    attempt.refused += 1;
    const block = blockFrom(outcome.status, attempt.pod, budgets);
    if (block) attempt.block = { ...block, since: this.#heldSince(attempt, block, now) };
    const hasRoom = budgets.some(
      (budget) => covers(budget, attempt.pod) && budget.counted && budget.allowed > 0,
    );
    const wait = backoff(hasRoom ? roomWaits : blockedWaits, attempt.refused, this.#deps.random);
    attempt.due = now + Math.max(wait, hasRoom ? 0 : outcome.retryAfterSeconds * second);
  }

  #heldSince(attempt: Attempt, { budget, pod }: BudgetBlock, now: Instant): Timestamp {
    const before = this.#deps.heldBefore.find((block) => block.pod === pod && block.budget === budget);
    const since = attempt.held?.budget === budget ? attempt.held.since : (before?.since ?? toTimestamp(now));
    attempt.held = { budget, since };
    return since;
  }

  #release(attempt: Attempt): void {
    this.#clear(attempt);
    delete attempt.held;
  }

  #clear(attempt: Attempt, troubles = 0): void {
    delete attempt.block;
    delete attempt.trouble;
    attempt.troubles = troubles;
  }
}

const isIdle = (attempt: Attempt): boolean => !attempt.asking && attempt.pod.deletesAt === undefined;
