import type { Clock } from '../../reboot/ports/time.ts';
import type { Instant, Millis } from '../../reboot/ports/time.ts';
import { second } from '../../reboot/ports/time.ts';
import { backoff } from '../api/backoff.ts';
import { governs, roomOf, type BudgetView } from '../pods/budget-view.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

export interface BudgetQueuesDeps {
  readonly clock: Clock;
  readonly random: () => number;
  readonly budgets: () => Iterable<BudgetView>;
}

/** The line before one budget. */
interface Line {
  /** Names of the pods that are asked for now; true once the budget has booked their eviction. */
  readonly asking: Map<string, boolean>;
  /** In a row, since the budget changed last. */
  refused: number;
  /** Nobody is asked for before. */
  due: Instant;
  /**
   * Names of the pods that were let go and that the budget, as far as it was seen, has not booked; and how
   * long that may take.
   */
  readonly unbooked: Map<string, Instant>;
}

/** The budget's change opens the line at once; this is for changes that nobody shows us. */
const closedWaits = { first: 10 * second, most: 30 * second, factor: 1.5 };
/** The budget has room, by what the watch says: the refusal was older news. */
const openWaits = { first: 0.3 * second, most: 10 * second, factor: 2 };
/**
 * Each eviction is a conditional write of the same budget's status. Who loses that race sleeps half a second
 * inside the API server (policy/rest: retry on conflict), so a few at a time are faster than many.
 */
const askedTogether = 3;
/** How long the news of an eviction may take to show in its budget. */
const newsTakes: Millis = 2 * second;

export interface Answer {
  readonly outcome: 'let-go' | 'refused' | 'other';
  readonly retryAfter?: Millis;
}

/**
 * One line of pods before each budget, so that those who cannot go do not ask. Where a budget has room, as
 * many ask as it has room for; where it has none, one asks for all, now and then, in case the watch has not
 * told.
 */
export class BudgetQueues {
  readonly #deps: BudgetQueuesDeps;
  readonly #lines = new Map<string, Line>();

  constructor(deps: BudgetQueuesDeps) {
    this.#deps = deps;
  }

  /**
   * The one budget that has a say in each of these pods, by UID. Pods with none, or with several, which the
   * server refuses itself, are not there.
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

  mayAsk(budget: BudgetView): boolean {
    const line = this.#line(budget);
    if (line.due > this.#deps.clock.now()) return false;
    const room = roomOf(budget);
    if (room === 0) return line.asking.size === 0;
    return line.asking.size < Math.min(askedTogether, room - this.#unbooked(line).length);
  }

  /** When the next of the line may ask, if time alone brings it about. */
  nextAt(budget: BudgetView): Instant | undefined {
    const line = this.#line(budget);
    if (line.asking.size > 0) return undefined;
    const room = roomOf(budget);
    const unbooked = this.#unbooked(line);
    return room > 0 && unbooked.length >= room ? Math.min(...unbooked) : line.due;
  }

  asks(budget: BudgetView, pod: string): void {
    this.#line(budget).asking.set(pod, false);
  }

  /** `seen` is the budget as it was when the question was asked. */
  answered(seen: BudgetView, pod: string, { outcome, retryAfter = 0 }: Answer): void {
    const line = this.#line(seen);
    const isBooked = line.asking.get(pod) === true;
    line.asking.delete(pod);
    if (outcome === 'let-go') {
      line.refused = 0;
      if (!isBooked) line.unbooked.set(pod, this.#deps.clock.now() + newsTakes);
    }
    if (outcome === 'refused') this.#refused(line, seen, retryAfter);
  }

  /**
   * Whatever was refused before says nothing about the budget as it is now. What it says itself does: without
   * room nobody needs to try.
   */
  changed(title: string): void {
    const line = this.#lines.get(title);
    if (!line) return;
    const { clock, random } = this.#deps;
    const budget = this.#find(title);
    const isOpen = budget === undefined || roomOf(budget) > 0;
    for (const pod of budget?.disrupted ?? []) {
      line.unbooked.delete(pod);
      if (line.asking.has(pod)) line.asking.set(pod, true);
    }
    line.refused = 0;
    line.due = clock.now() + (isOpen ? 0 : backoff(closedWaits, 1, random));
  }

  #refused(line: Line, seen: BudgetView, retryAfter: Millis): void {
    const { clock, random } = this.#deps;
    const budget = this.#find(titleOf(seen)) ?? seen;
    const isOpen = roomOf(budget) > 0;
    line.refused += 1;
    const wait = backoff(isOpen ? openWaits : closedWaits, line.refused, random);
    line.due = clock.now() + Math.max(wait, isOpen ? 0 : retryAfter);
  }

  #find(title: string): BudgetView | undefined {
    for (const budget of this.#deps.budgets()) if (titleOf(budget) === title) return budget;
    return undefined;
  }

  /** Until when each of them may take to show. */
  #unbooked({ unbooked }: Line): readonly Instant[] {
    const now = this.#deps.clock.now();
    return [...unbooked.values()].filter((until) => until > now);
  }

  #line(budget: BudgetView): Line {
    const title = titleOf(budget);
    const known = this.#lines.get(title);
    if (known) return known;
    const line: Line = { asking: new Map(), refused: 0, due: this.#deps.clock.now(), unbooked: new Map() };
    this.#lines.set(title, line);
    return line;
  }
}
