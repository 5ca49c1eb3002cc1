import { PortError } from '../../reboot/ports/port-error.ts';
import type { BootTarget, DrainEvent, DrainRequest } from '../../reboot/ports/cluster.ts';
import type { DrainProgress } from '../../reboot/state/drain-facts.ts';
import { minute, second, toTimestamp, type Instant, type Millis } from '../../reboot/ports/time.ts';
import type { ReflectorDeps } from '../api/reflector.ts';
import { createNotifier, notifiedWithin } from './notifier.ts';
import { Detachment } from '../pods/detachment.ts';
import { drainWatches, type DrainWatches } from './drain-watches.ts';
import {
  boundedProgress,
  givenUpSentence,
  refusedLateSentence,
  refusedSentence,
  timeoutSentence,
} from './drain-words.ts';
import { evict } from './evict.ts';
import { Evictions } from './evictions.ts';
import { guardNode, type NodeGuard, type NodeSource } from './node-guard.ts';
import { ownPods } from '../impact/own-pods.ts';
import { podFacts, type PodFacts } from '../pods/pod-facts.ts';
import { podView, titleOf } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';
import { progressThrottle, type ProgressThrottle } from './progress-throttle.ts';
import { Successors } from '../pods/successors.ts';
import { partition, type Partition, type Partitioner } from './partition.ts';
import { PodCounts } from './counts.ts';
import { timeLimit, type TimeLimit } from './time-limit.ts';

export interface DrainDeps extends ReflectorDeps, NodeSource {
  /** Of the installation: our own pods are there. */
  readonly namespace: string;
  /**
   * The stored progress of the drain of this boot, if any has been told: another process may have begun it.
   */
  readonly toldBefore: (target: BootTarget) => DrainProgress | undefined;
}

/**
 * Between looks at an API server that did not answer the last one, or that shows more than its watch has
 * told.
 */
const lookAgainAfter: Millis = 2 * second;

/**
 * One drain. It wakes at every change of the node's pods, of a budget, of the node, at every answer to an
 * eviction and when the next retry is due; then it surveys what is left, and does what follows from that.
 */
class DrainRun {
  readonly #deps: DrainDeps;
  readonly #request: DrainRequest;
  readonly #signal: AbortSignal;
  readonly #over = new AbortController();
  readonly #aborted = Promise.withResolvers<never>();
  readonly #bell = createNotifier();
  readonly #facts: PodFacts;
  readonly #surveyor: Partitioner;
  readonly #watches: DrainWatches;
  readonly #evictions: Evictions;
  readonly #detachment: Detachment;
  readonly #guard: NodeGuard;
  readonly #teller: ProgressThrottle;
  readonly #tally: PodCounts;
  readonly #successors: Successors;
  readonly #limit: TimeLimit;
  #watching: Promise<unknown> = Promise.resolve();
  #lookAgainAt: Instant | undefined;

  constructor(deps: DrainDeps, request: DrainRequest, signal: AbortSignal) {
    const { target, policy } = request;
    const ring = (): void => this.#bell.notify();
    this.#deps = deps;
    this.#request = request;
    this.#signal = signal;
    this.#limit = timeLimit(deps, request);
    const isOwn = ownPods({ namespace: deps.namespace, named: request.last });
    this.#facts = podFacts({ ...deps, node: target.node, isOwn });
    const before = deps.toldBefore(target);
    this.#successors = new Successors(before?.kept ?? []);
    this.#surveyor = {
      node: target.node,
      policy,
      isOwn,
      isOrphan: (pod) => this.#facts.isOrphan(pod),
      isKept: (pod) => this.#successors.keeps(pod) !== undefined,
      hasNoHome: (pod) => this.#facts.hasNone(pod),
    };
    this.#tally = new PodCounts(before, request.startedAt);
    this.#teller = progressThrottle(deps.clock, request.startedAt);
    this.#guard = guardNode(deps, request, ring);
    this.#watches = drainWatches(deps, request, {
      onPod: ring,
      onBudget: (budget) => this.#evictions.budgetChanged(budget),
    });
    this.#detachment = new Detachment(
      { ...deps, ring },
      { node: target.node, policy, signal: this.#over.signal },
    );
    const grace =
      policy.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: policy.gracePeriodSeconds };
    this.#evictions = new Evictions({
      ...deps,
      ring,
      parallelism: policy.parallelism,
      heldBefore: before?.waiting ?? [],
      budgets: () => this.#watches.budgets.values(),
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
      const ended = (await this.#unlessAborted(this.#guard.look())) ?? (await this.#begin());
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
      await this.#detachment.stop();
    }
  }

  /** The first look at everything, before anything is disturbed. It may throw: nothing has been done yet. */
  async #begin(): Promise<DrainEvent | undefined> {
    const { pods, budgets } = this.#watches;
    await Promise.all([pods.begin(this.#signal), budgets.begin(this.#signal)]);
    this.#successors.begin(pods.values());
    await this.#facts.learn(pods.values());
    const { refusals } = this.#survey();
    if (refusals.length > 0)
      return { kind: 'failed', code: 'drain-refused', sentence: refusedSentence(refusals) };
    const { signal } = this.#over;
    this.#watching = Promise.all([pods.run(signal), budgets.run(signal)]);
    return undefined;
  }

  async *#steps(): AsyncGenerator<DrainEvent, void, undefined> {
    for (;;) {
      this.#bell.reset();
      const began = this.#deps.clock.now();
      const scene = this.#survey();
      const ended = (await this.#freshLook(scene)) ?? this.#failure(scene);
      if (ended) {
        if (isWorthTelling(ended)) yield { kind: 'progress', progress: this.#progress(scene) };
        yield ended;
        return;
      }
      const eligible = scene.eligible.filter((pod) => !this.#facts.hasNone(pod));
      if (!this.#guard.owesLook()) this.#evictions.launch(eligible, this.#limit.isForced());
      else if (this.#asksNow(scene)) this.#lookAgainAt = this.#deps.clock.now() + lookAgainAfter;
      const progress = this.#teller.news(this.#progress(scene));
      if (progress) yield { kind: 'progress', progress };
      await this.#unlessAborted(this.#wait(scene, began));
    }
  }

  #survey(): Partition {
    const scene = partition(this.#watches.pods.values(), this.#surveyor, this.#deps.clock.now());
    this.#tally.count(scene.moving);
    this.#successors.count(scene.moving);
    this.#evictions.attend(scene.moving);
    this.#detachment.attend(scene.moving, this.#guard.hadVolumes());
    return scene;
  }

  /** Asks the API server itself, where the watches hint at an end. */
  async #freshLook(scene: Partition): Promise<DrainEvent | undefined> {
    try {
      if (this.#guard.suspects() || (this.#guard.owesLook() && this.#asksNow(scene))) {
        const end = await this.#unlessAborted(this.#guard.look());
        if (end) return end;
      }
      if (await this.#unlessAborted(this.#facts.learn(this.#watches.pods.values()))) {
        this.#bell.notify();
        return undefined;
      }
      if (scene.moving.length > 0 || scene.refusals.length > 0) return undefined;
      const staying = [...this.#watches.pods.values()];
      if (await this.#unlessAborted(this.#detachment.holds(staying, this.#limit.deadline())))
        return undefined;
      return await this.#unlessAborted(this.#proof());
    } catch (error) {
      // An outage does not end a drain: its deadline does.
      if (!(error instanceof PortError) || !error.retryable) throw error;
      this.#deps.logger.debug('drain looks again later', { node: this.#surveyor.node, error: error.message });
      this.#lookAgainAt = this.#deps.clock.now() + lookAgainAfter;
      return undefined;
    }
  }

  /**
   * Nothing is left, by the watch: a last list and a last look at the node prove it, or show what is left.
   */
  async #proof(): Promise<DrainEvent | undefined> {
    const { target, policy } = this.#request;
    const listed = listPods(this.#deps.client, podsOnNode(target.node, policy), (pod) => pod);
    const [objects, end] = await Promise.all([listed, this.#guard.look()]);
    if (end) return end;
    const pods = objects.map((pod) => podView(pod));
    const left = partition(pods, this.#surveyor, this.#deps.clock.now());
    if (left.moving.length === 0 && left.refusals.length === 0)
      return { kind: 'drained', pods: this.#tally.total() };
    for (const pod of objects) this.#watches.pods.offer(pod);
    this.#lookAgainAt = this.#deps.clock.now() + lookAgainAfter;
    return undefined;
  }

  #asksNow({ eligible }: Partition): boolean {
    const next = this.#evictions.nextAt(eligible);
    return next !== undefined && next <= this.#deps.clock.now();
  }

  #failure({ refusals, moving }: Partition): DrainEvent | undefined {
    const trouble = this.#evictions.givenUp();
    if (refusals.length > 0)
      return { kind: 'failed', code: 'drain-refused', sentence: refusedLateSentence(refusals) };
    if (trouble !== undefined)
      return { kind: 'failed', code: 'drain-error', sentence: givenUpSentence(trouble) };
    if (!this.#limit.isReached()) return undefined;
    if (this.#limit.turnToForce(moving)) {
      this.#evictions.hurry();
      return undefined;
    }
    const [blocks, troubles] = [this.#evictions.blocks(), this.#evictions.troubles()];
    const sentence = timeoutSentence(this.#request, moving, { blocks, troubles });
    return { kind: 'failed', code: 'drain-timeout', sentence };
  }

  /** No answer is worth waiting for once the drain is aborted. */
  #unlessAborted<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#aborted.promise]);
  }

  #progress({ moving }: Partition): DrainProgress {
    const kept = this.#successors.among(this.#watches.pods.values());
    return boundedProgress({
      at: toTimestamp(this.#deps.clock.now()),
      total: this.#tally.total(),
      gone: this.#tally.gone(moving),
      leaving: moving.filter((pod) => this.#evictions.isLeaving(pod)).map((pod) => titleOf(pod)),
      waiting: this.#evictions.blocks(),
      trouble: [
        ...this.#guard.sentences(),
        ...this.#facts.sentences(),
        ...this.#evictions.troubles(),
        ...this.#detachment.sentences(),
      ],
      ...(kept.length === 0 ? {} : { kept }),
    });
  }

  /** What became due since the step `began`, while its progress was being stored, is not waited for. */
  async #wait({ eligible, changesAt }: Partition, began: Instant): Promise<void> {
    const now = this.#deps.clock.now();
    const times = [
      this.#limit.deadline(),
      this.#evictions.nextAt(eligible),
      changesAt,
      this.#teller.nextAt(),
      this.#lookAgainAt,
      this.#detachment.endsAt(),
    ];
    const until = Math.min(
      now + minute,
      ...times.filter((time): time is Instant => time !== undefined && time > began),
    );
    await notifiedWithin(this.#bell, Math.max(0, until - now), {
      sleep: this.#deps.sleep,
      signal: this.#over.signal,
    });
    if (this.#lookAgainAt !== undefined && this.#deps.clock.now() >= this.#lookAgainAt)
      this.#lookAgainAt = undefined;
  }
}

/** Who reads the stored progress after the end wants the counts, and the budgets that held the last pods. */
const isWorthTelling = (end: DrainEvent): boolean =>
  end.kind === 'failed' || (end.kind === 'drained' && end.pods > 0);

/** Evicts what has to go from a cordoned node, until a fresh list proves that nothing is left. */
export const drainNode = (
  deps: DrainDeps,
  request: DrainRequest,
  signal: AbortSignal,
): AsyncGenerator<DrainEvent, void, undefined> => new DrainRun(deps, request, signal).events();
