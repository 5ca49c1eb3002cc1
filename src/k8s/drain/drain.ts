import { PortError } from '../../reboot/port-error.ts';
import type { BootTarget, DrainEvent, DrainRequest } from '../../reboot/ports.ts';
import type { BudgetBlock, DrainProgress } from '../../reboot/reboot.ts';
import { minute, second, toTimestamp, type Instant, type Millis } from '../../reboot/time.ts';
import { sleptThrough } from '../api/backoff.ts';
import { textAt } from '../api/json-value.ts';
import { paths } from '../api/paths.ts';
import { createReflector, type Reflector, type ReflectorDeps } from '../api/reflector.ts';
import { createBell } from './bell.ts';
import { budgetView, type BudgetView } from './budgets.ts';
import { boundedProgress, refusedLateSentence, refusedSentence, timeoutSentence } from './drain-words.ts';
import { evict } from './evict.ts';
import { Evictions } from './evictions.ts';
import { guardNode, type NodeGuard, type NodeSource } from './node-guard.ts';
import { podView, titleOf, type PodView } from './pod-view.ts';
import { listPods, podsOnNode } from './pods-on-node.ts';
import { progressTeller, type ProgressTeller } from './progress-teller.ts';
import { survey, type Survey, type Surveyor } from './survey.ts';

export interface DrainDeps extends ReflectorDeps, NodeSource {
  /** What the stored progress of this drain says that budgets hold back, if another process has told any. */
  readonly heldBefore: (target: BootTarget) => readonly BudgetBlock[];
}

/** Between looks at an API server that did not answer the last one, or that shows more than its watch has told. */
const lookAgainAfter: Millis = 2 * second;
/**
 * How long a look at the node is good for. Watches tell of its end at once, but a process that was frozen wakes up to watches that tell of
 * new pods before they tell of the new boot.
 */
const lookGoodFor: Millis = 15 * second;
/** How long pods that were deleted by force may take, beyond their grace. */
const forcedExtra: Millis = minute;
const longestForcedGrace: Millis = 10 * minute;

/** A lost connection must not cost a drain minutes: watches that end often are missed soon. */
const drainWatch = { watchFor: 20 * second, stalledAfter: 35 * second };

const podKey = (pod: unknown): string => textAt(pod, 'metadata', 'uid') ?? '';
const budgetKey = (budget: unknown): string =>
  `${textAt(budget, 'metadata', 'namespace') ?? ''}/${textAt(budget, 'metadata', 'name') ?? ''}`;

/**
 * One drain. It wakes at every change of the node's pods, of a budget, of the node, at every answer to an eviction and when the next retry is
 * due; then it surveys what is left, and does what follows from that.
 */
class DrainRun {
  readonly #deps: DrainDeps;
  readonly #request: DrainRequest;
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #aborted = Promise.withResolvers<never>();
  readonly #bell = createBell();
  readonly #surveyor: Surveyor;
  readonly #pods: Reflector<PodView>;
  readonly #budgets: Reflector<BudgetView>;
  readonly #evictions: Evictions;
  readonly #guard: NodeGuard;
  readonly #teller: ProgressTeller;
  /** Every pod that had to go, by UID. */
  readonly #seen = new Set<string>();
  #watching: Promise<unknown> = Promise.resolve();
  #deadline: Instant;
  #force: boolean;
  #lookAgainAt: Instant | undefined;
  #lookedAt: Instant = Number.NEGATIVE_INFINITY;

  constructor(deps: DrainDeps, request: DrainRequest, signal: AbortSignal) {
    const { target, policy } = request;
    const ring = (): void => this.#bell.ring();
    this.#deps = deps;
    this.#request = request;
    this.#signal = signal;
    this.#deadline = request.deadline;
    this.#force = request.force;
    this.#surveyor = { node: target.node, policy, last: new Set(request.last) };
    this.#teller = progressTeller(deps.clock, request.startedAt);
    this.#guard = guardNode(deps, request, ring);
    this.#pods = createReflector(
      {
        what: 'pods of a node',
        path: paths.pods,
        query: podsOnNode(target.node, policy),
        reduce: podView,
        keyOf: podKey,
        onChange: ring,
        ...drainWatch,
      },
      deps,
    );
    const onChange = (budget: string): void => this.#evictions.budgetChanged(budget);
    this.#budgets = createReflector(
      { what: 'budgets', path: paths.budgets, reduce: budgetView, keyOf: budgetKey, onChange, ...drainWatch },
      deps,
    );
    const grace =
      policy.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: policy.gracePeriodSeconds };
    this.#evictions = new Evictions({
      ...deps,
      ring,
      parallelism: policy.parallelism,
      heldBefore: deps.heldBefore(target),
      budgets: () => this.#budgets.values(),
      ask: (pod, force) => evict(deps, { pod, ...grace, force, signal: this.#over.signal }),
    });
  }

  async *events(): AsyncGenerator<DrainEvent, void, undefined> {
    const onAbort = (): void => this.#aborted.reject(this.#signal.reason);
    // It may come while nobody waits for it.
    this.#aborted.promise.catch(() => undefined);
    this.#signal.addEventListener('abort', onAbort, { once: true });
    if (this.#signal.aborted) onAbort();
    try {
      const ended = (await this.#unlessAborted(this.#look())) ?? (await this.#begin());
      if (ended) yield ended;
      else yield* this.#steps();
    } catch (error) {
      // What is aborted ends without a word, wherever it stood.
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#guard.stop();
      this.#signal.removeEventListener('abort', onAbort);
      this.#over.abort();
      await this.#watching;
    }
  }

  /** The first look at everything, before anything is disturbed. It may throw: nothing has been done yet. */
  async #begin(): Promise<DrainEvent | undefined> {
    await Promise.all([this.#pods.begin(this.#signal), this.#budgets.begin(this.#signal)]);
    const { refusals } = this.#survey();
    if (refusals.length > 0)
      return { kind: 'failed', code: 'drain-refused', sentence: refusedSentence(refusals) };
    const { signal } = this.#over;
    this.#watching = Promise.all([this.#pods.run(signal), this.#budgets.run(signal)]);
    return undefined;
  }

  async *#steps(): AsyncGenerator<DrainEvent, void, undefined> {
    for (;;) {
      this.#bell.muffle();
      const scene = this.#survey();
      const ended = (await this.#freshLook(scene)) ?? this.#failure(scene);
      if (ended) {
        if (ended.kind === 'drained' && ended.pods > 0)
          yield { kind: 'progress', progress: this.#progress(scene) };
        yield ended;
        return;
      }
      if (!this.#owesLook()) this.#evictions.launch(scene.eligible, this.#force);
      else if (this.#asksNow(scene)) this.#lookAgainAt = this.#deps.clock.now() + lookAgainAfter;
      const progress = this.#teller.news(this.#progress(scene));
      if (progress) yield { kind: 'progress', progress };
      await this.#unlessAborted(this.#wait(scene));
    }
  }

  #survey(): Survey {
    const scene = survey(this.#pods.values(), this.#surveyor, this.#deps.clock.now());
    for (const pod of scene.moving) this.#seen.add(pod.uid);
    this.#evictions.attend(scene.moving);
    return scene;
  }

  /** Asks the API server itself, where the watches hint at an end. */
  async #freshLook(scene: Survey): Promise<DrainEvent | undefined> {
    try {
      if (this.#guard.suspects() || (this.#owesLook() && this.#asksNow(scene))) {
        const end = await this.#unlessAborted(this.#look());
        if (end) return end;
      }
      return scene.moving.length > 0 ? undefined : await this.#unlessAborted(this.#proof());
    } catch (error) {
      // An outage does not end a drain: its deadline does.
      if (!(error instanceof PortError) || !error.retryable) throw error;
      this.#deps.logger.debug('drain looks again later', { node: this.#surveyor.node, error: error.message });
      this.#lookAgainAt = this.#deps.clock.now() + lookAgainAfter;
      return undefined;
    }
  }

  /** Nothing is left, by the watch: a last list and a last look at the node prove it, or show what is left. */
  async #proof(): Promise<DrainEvent | undefined> {
    const { target, policy } = this.#request;
    const listed = listPods(this.#deps.client, podsOnNode(target.node, policy), (pod) => pod);
    const [objects, end] = await Promise.all([listed, this.#look()]);
    if (end) return end;
    const pods = objects.map((pod) => podView(pod));
    const left = survey(pods, this.#surveyor, this.#deps.clock.now());
    if (left.moving.length === 0 && left.refusals.length === 0)
      return { kind: 'drained', pods: this.#seen.size };
    for (const pod of objects) this.#pods.offer(pod);
    this.#lookAgainAt = this.#deps.clock.now() + lookAgainAfter;
    return undefined;
  }

  async #look(): Promise<DrainEvent | undefined> {
    const asked = this.#deps.clock.now();
    const end = await this.#guard.look();
    this.#lookedAt = asked;
    return end;
  }

  #owesLook(): boolean {
    return this.#deps.clock.now() - this.#lookedAt >= lookGoodFor;
  }

  #asksNow({ eligible }: Survey): boolean {
    const next = this.#evictions.nextAt(eligible);
    return next !== undefined && next <= this.#deps.clock.now();
  }

  #failure({ refusals, moving }: Survey): DrainEvent | undefined {
    const trouble = this.#evictions.givenUp();
    if (refusals.length > 0)
      return { kind: 'failed', code: 'drain-refused', sentence: refusedLateSentence(refusals) };
    if (trouble !== undefined)
      return { kind: 'failed', code: 'drain-error', sentence: `${trouble} It was tried again and again.` };
    if (this.#deps.clock.now() < this.#deadline) return undefined;
    if (this.#request.policy.onTimeout === 'force' && !this.#force) {
      this.#turnToForce(moving);
      return undefined;
    }
    const sentence = timeoutSentence(this.#request, moving, this.#evictions.blocks());
    return { kind: 'failed', code: 'drain-timeout', sentence };
  }

  #turnToForce(moving: readonly PodView[]): void {
    const own = Math.max(0, ...moving.map((pod) => pod.graceSeconds));
    const grace = (this.#request.policy.gracePeriodSeconds ?? own) * second;
    this.#force = true;
    this.#deadline = this.#deps.clock.now() + Math.min(grace, longestForcedGrace) + forcedExtra;
    this.#deps.logger.warn('drain goes on by force', { node: this.#surveyor.node, pods: moving.length });
    this.#evictions.hurry();
  }

  /** No answer is worth waiting for once the drain is aborted. */
  #unlessAborted<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#aborted.promise]);
  }

  #progress({ moving }: Survey): DrainProgress {
    return boundedProgress({
      at: toTimestamp(this.#deps.clock.now()),
      total: this.#seen.size,
      gone: this.#seen.size - moving.length,
      leaving: moving.filter((pod) => this.#evictions.isLeaving(pod)).map((pod) => titleOf(pod)),
      waiting: this.#evictions.blocks(),
      trouble: this.#evictions.troubles(),
    });
  }

  async #wait({ eligible, changesAt }: Survey): Promise<void> {
    const now = this.#deps.clock.now();
    const times = [
      this.#deadline,
      this.#evictions.nextAt(eligible),
      changesAt,
      this.#teller.nextAt(),
      this.#lookAgainAt,
    ];
    const until = Math.min(
      now + minute,
      ...times.filter((time): time is Instant => time !== undefined && time > now),
    );
    const timer = new AbortController();
    const over = (): void => timer.abort();
    this.#over.signal.addEventListener('abort', over, { once: true });
    await Promise.race([this.#bell.heard(), sleptThrough(this.#deps.sleep, until - now, timer.signal)]);
    this.#over.signal.removeEventListener('abort', over);
    over();
    if (this.#lookAgainAt !== undefined && this.#deps.clock.now() >= this.#lookAgainAt)
      this.#lookAgainAt = undefined;
  }
}

/** Evicts what has to go from a cordoned node, until a fresh list proves that nothing is left. */
export const drainNode = (
  deps: DrainDeps,
  request: DrainRequest,
  signal: AbortSignal,
): AsyncGenerator<DrainEvent, void, undefined> => new DrainRun(deps, request, signal).events();
