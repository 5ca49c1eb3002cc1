import { PortError } from '../../reboot/ports/port-error.ts';
import type { BootTarget } from '../../reboot/nodes/observation.ts';
import type { DrainEvent, DrainRequest } from '../../reboot/ports/cluster/drains.ts';
import type { DrainProgress } from '../../reboot/state/drain-facts.ts';
import { minute, second, toTimestamp, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { ReflectorDeps } from '../watch/reflector.ts';
import type { SharedReflector } from '../watch/shared-reflector.ts';
import type { BudgetView } from '../pods/budget-view.ts';
import { createNotifier, type Notifier } from '../../timing/notifier.ts';
import { drainReports, type DrainReports } from './drain-reports.ts';
import { brokenDaemons } from './broken-daemons.ts';
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
import { ownPods } from '../pods/own-pods.ts';
import type { SeenDaemonSets } from '../pods/daemon-owners.ts';
import { podFacts, type PodFacts } from '../pods/pod-facts.ts';
import { podView, titleOf } from '../pods/pod-view.ts';
import { listPods, podsOnNode } from '../pods/pods-on-node.ts';
import { progressThrottle } from './progress-throttle.ts';
import { Successors } from '../pods/successors.ts';
import { partition, type Partition, type Partitioner } from './partition.ts';
import { PodCounts } from './counts.ts';
import { timeLimit, type TimeLimit } from './time-limit.ts';

export interface DrainDeps extends ReflectorDeps, NodeSource {
  /** The installation's namespace, where Tugboot's own pods run. */
  readonly namespace: string;
  /** The stored progress of the drain of this boot: another process may have started it. */
  readonly storedProgress: (target: BootTarget) => DrainProgress | undefined;
  readonly daemonSets: SeenDaemonSets;
  readonly budgets: SharedReflector<BudgetView>;
}

/** Delay before the next check, after a request that failed, or when a list showed more than the watch. */
const recheckAfter: Millis = 2 * second;

/**
 * One drain: a level-triggered loop. A change of the node, of its pods or of a budget wakes it, and so does
 * the answer to an eviction or a retry that is due. Each step partitions the remaining pods and acts on the
 * result.
 */
class DrainRun {
  readonly #deps: DrainDeps;
  readonly #request: DrainRequest;
  readonly #signal: AbortSignal;
  readonly #ended = new AbortController();
  readonly #aborted = Promise.withResolvers<never>();
  readonly #notifier: Notifier;
  readonly #facts: PodFacts;
  readonly #partitioner: Partitioner;
  readonly #watches: DrainWatches;
  readonly #evictions: Evictions;
  readonly #detachment: Detachment;
  readonly #guard: NodeGuard;
  readonly #reports: DrainReports;
  readonly #counts: PodCounts;
  readonly #successors: Successors;
  readonly #limit: TimeLimit;
  #watching: Promise<unknown> = Promise.resolve();
  #recheckAt: Instant | undefined;

  constructor(deps: DrainDeps, request: DrainRequest, signal: AbortSignal) {
    const { target, policy } = request;
    const notify = (): void => this.#notifier.notify();
    this.#deps = deps;
    this.#notifier = createNotifier(deps.sleep);
    this.#request = request;
    this.#signal = signal;
    this.#limit = timeLimit(deps, request);
    const isOwn = ownPods({ namespace: deps.namespace, named: request.last });
    this.#facts = podFacts({ ...deps, node: target.node, isOwn });
    const before = deps.storedProgress(target);
    this.#successors = new Successors(before?.kept ?? []);
    this.#partitioner = {
      node: target.node,
      policy,
      isOwn,
      isOrphan: (pod) => this.#facts.isOrphan(pod),
      isKept: (pod) => this.#successors.keeps(pod) !== undefined,
      isPinned: (pod) => this.#facts.isPinned(pod),
    };
    this.#counts = new PodCounts(before, request.startedAt);
    this.#reports = drainReports(progressThrottle(deps.clock, request.startedAt));
    this.#guard = guardNode(deps, request, notify);
    this.#watches = drainWatches(deps, request, {
      onPod: notify,
      onBudget: (budget) => this.#evictions.budgetChanged(budget),
    });
    this.#detachment = new Detachment(
      { ...deps, notify },
      { node: target.node, policy, signal: this.#ended.signal },
    );
    const grace =
      policy.gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds: policy.gracePeriodSeconds };
    this.#evictions = new Evictions({
      ...deps,
      notify,
      parallelism: policy.parallelism,
      storedBlocks: before?.waiting ?? [],
      budgets: () => this.#watches.budgets.values(),
      send: (pod, force) => evict(deps, { pod, ...grace, force, signal: this.#ended.signal }),
    });
  }

  async *events(): AsyncGenerator<DrainEvent, void, undefined> {
    const onAbort = (): void => this.#aborted.reject(this.#signal.reason);
    // The rejection may come while nothing awaits the promise.
    this.#aborted.promise.catch(() => undefined);
    this.#signal.addEventListener('abort', onAbort, { once: true });
    if (this.#signal.aborted) onAbort();
    try {
      const ended = (await this.#unlessAborted(this.#guard.begin())) ?? (await this.#begin());
      if (ended) yield ended;
      else yield* this.#steps();
    } catch (error) {
      // An aborted drain ends without an event.
      if (!this.#signal.aborted) throw error;
    } finally {
      this.#guard.stop();
      this.#signal.removeEventListener('abort', onAbort);
      this.#ended.abort();
      await Promise.all([this.#watching, this.#watches.budgets.leave(), this.#detachment.stop()]);
    }
  }

  /** The first lists and checks, before any pod is evicted. Errors propagate: nothing has been done yet. */
  async #begin(): Promise<DrainEvent | undefined> {
    const { pods, budgets } = this.#watches;
    await this.#unlessAborted(Promise.all([pods.begin(this.#signal), budgets.begin()]));
    this.#successors.begin(pods.values());
    await this.#facts.learn(pods.values());
    const { refusals } = this.#partition();
    if (refusals.length > 0)
      return { kind: 'failed', code: 'drain-refused', sentence: refusedSentence(refusals) };
    const { signal } = this.#ended;
    this.#watching = pods.run(signal);
    const begun = { client: this.#deps.client, pods: pods.values(), isReady: this.#guard.isReady() };
    this.#reports.found(await brokenDaemons(begun, this.#request));
    return undefined;
  }

  async *#steps(): AsyncGenerator<DrainEvent, void, undefined> {
    for (;;) {
      const began = this.#deps.clock.now();
      const current = this.#partition();
      const ended = (await this.#checkServer(current)) ?? this.#failure(current);
      if (ended) {
        yield* this.#reports.end(ended, () => this.#progress(current));
        return;
      }
      const first = this.#reports.first(this.#progress(current));
      if (first) yield first;
      const eligible = current.eligible.filter((pod) => !this.#facts.isPinned(pod));
      if (!this.#guard.isCheckStale()) this.#evictions.launch(eligible, this.#limit.isForced());
      else if (this.#isEvictionDue(current)) this.#recheckAt = this.#deps.clock.now() + recheckAfter;
      const changed = this.#reports.changed(this.#progress(current));
      if (changed) yield changed;
      await this.#unlessAborted(this.#wait(current, began));
    }
  }

  #partition(): Partition {
    const current = partition(this.#watches.pods.values(), this.#partitioner, this.#deps.clock.now());
    this.#counts.count(current.moving);
    this.#successors.count(current.moving);
    this.#evictions.track(current.moving);
    this.#detachment.track(current.moving, this.#guard.hadVolumes());
    return current;
  }

  /** Reads from the API server where the watches suggest that the drain is over. */
  async #checkServer(current: Partition): Promise<DrainEvent | undefined> {
    try {
      if (this.#guard.suspectsEnd() || (this.#guard.isCheckStale() && this.#isEvictionDue(current))) {
        const end = await this.#unlessAborted(this.#guard.check());
        if (end) return end;
      }
      if (await this.#unlessAborted(this.#facts.learn(this.#watches.pods.values()))) {
        this.#notifier.notify();
        return undefined;
      }
      if (current.moving.length > 0 || current.refusals.length > 0) return undefined;
      const staying = [...this.#watches.pods.values()];
      if (await this.#unlessAborted(this.#detachment.holds(staying, this.#limit.deadline())))
        return undefined;
      return await this.#unlessAborted(this.#proof());
    } catch (error) {
      // An outage does not end a drain; the deadline does.
      if (!(error instanceof PortError) || !error.retryable) throw error;
      this.#deps.logger.debug('drain looks again later', {
        node: this.#partitioner.node,
        err: error,
      });
      this.#recheckAt = this.#deps.clock.now() + recheckAfter;
      return undefined;
    }
  }

  /**
   * No pod is left according to the watch. A list and a read of the node prove it, or return what is left.
   */
  async #proof(): Promise<DrainEvent | undefined> {
    const { target, policy } = this.#request;
    const listed = listPods(this.#deps.client, podsOnNode(target.node, policy), (pod) => pod);
    const [objects, end] = await Promise.all([listed, this.#guard.check()]);
    if (end) return end;
    const pods = objects.map((pod) => podView(pod));
    const left = partition(pods, this.#partitioner, this.#deps.clock.now());
    if (left.moving.length === 0 && left.refusals.length === 0)
      return { kind: 'drained', pods: this.#counts.total() };
    for (const pod of objects) this.#watches.pods.offer(pod);
    this.#recheckAt = this.#deps.clock.now() + recheckAfter;
    return undefined;
  }

  #isEvictionDue({ eligible }: Partition): boolean {
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
    if (this.#limit.switchToForce(moving)) {
      this.#evictions.ignoreBudgets();
      return undefined;
    }
    const [blocks, troubles] = [this.#evictions.blocks(), this.#evictions.troubles()];
    const sentence = timeoutSentence(this.#request, moving, { blocks, troubles });
    return { kind: 'failed', code: 'drain-timeout', sentence };
  }

  /** Stops waiting for `work` when the drain is aborted. */
  #unlessAborted<T>(work: Promise<T>): Promise<T> {
    return Promise.race([work, this.#aborted.promise]);
  }

  #progress({ moving }: Partition): DrainProgress {
    const kept = this.#successors.among(this.#watches.pods.values());
    return boundedProgress({
      at: toTimestamp(this.#deps.clock.now()),
      total: this.#counts.total(),
      gone: this.#counts.gone(moving),
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

  /**
   * A time that passed since the step `began`, while its progress was being stored, is ignored: the next step
   * handles it.
   */
  async #wait({ eligible, changesAt }: Partition, began: Instant): Promise<void> {
    const now = this.#deps.clock.now();
    const times = [
      this.#limit.deadline(),
      this.#evictions.nextAt(eligible),
      changesAt,
      this.#reports.nextAt(),
      this.#recheckAt,
      this.#detachment.endsAt(),
    ];
    const until = Math.min(
      now + minute,
      ...times.filter((time): time is Instant => time !== undefined && time > began),
    );
    await this.#notifier.wait(Math.max(0, until - now), this.#ended.signal);
    if (this.#recheckAt !== undefined && this.#deps.clock.now() >= this.#recheckAt)
      this.#recheckAt = undefined;
  }
}

/** Evicts the pods that have to go from a cordoned node, until a fresh list proves that none is left. */
export const drainNode = (
  deps: DrainDeps,
  request: DrainRequest,
  signal: AbortSignal,
): AsyncGenerator<DrainEvent, void, undefined> => new DrainRun(deps, request, signal).events();
