import { PortError } from '../../reboot/ports/port-error.ts';
import type { DrainPolicy } from '../../reboot/policy/policy.ts';
import { inWords, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { ReflectorDeps } from '../watch/reflector.ts';
import { watchAttachments, type Attachment, type Attachments } from './attachments.ts';
import { type PodView, podView } from './pod-view.ts';
import { listPods, podsOnNode } from './pods-on-node.ts';

export interface DetachmentDeps extends ReflectorDeps {
  readonly notify: () => void;
}

interface Wait {
  readonly attachments: Attachments;
  /** Claims of pods that the drain does not select: their volumes stay attached. */
  readonly kept: ReadonlySet<string>;
}

export interface DetachmentOptions {
  readonly node: string;
  readonly policy: DrainPolicy;
  readonly signal: AbortSignal;
}

/** A server that has just started may refuse requests for a moment that it allows later. */
const refusalTolerance: Millis = 20 * second;

const claimsOf = (pods: Iterable<PodView>): ReadonlySet<string> =>
  new Set(Array.from(pods, (pod) => pod.claims.map((claim) => `${pod.namespace}/${claim}`)).flat());

/**
 * Waits for volumes to detach after the pods have gone. A node that goes down with an attached volume blocks
 * the replacement pod: the attach/detach controller detaches from a node that does not respond only after six
 * minutes. Karpenter's termination waits as well.
 *
 * The wait is limited, and its end does not fail the drain: the pods have been disturbed already, and a clean
 * shutdown unmounts the rest. The progress names the volumes that are left.
 */
export class Detachment {
  readonly #deps: DetachmentDeps;
  readonly #options: DetachmentOptions;
  #hasVolumes = false;
  #wait: Wait | undefined;
  #until: Instant | undefined;
  /** Since when the server has refused the requests, without interruption. */
  #refusedSince: Instant | undefined;
  #left: readonly Attachment[] = [];
  #isOver = false;

  constructor(deps: DetachmentDeps, options: DetachmentOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** A node that reports no volumes, and whose pods have no claims, costs no request. */
  track(pods: readonly PodView[], reportsVolumes: boolean): void {
    this.#hasVolumes ||= reportsVolumes || pods.some(({ claims }) => claims.length > 0);
  }

  /**
   * Whether volumes of evicted pods still block the reboot. `staying`: the pods that are left on the node.
   */
  async holds(staying: readonly PodView[], deadline: Instant): Promise<boolean> {
    const limit = this.#options.policy.volumeDetachTimeout;
    if (!this.#hasVolumes || this.#isOver || limit === 0) return false;
    this.#until ??= Math.min(this.#deps.clock.now() + limit, deadline);
    try {
      this.#wait ??= await this.#begin();
      const keeping = claimsOf(staying);
      const { attachments, kept } = this.#wait;
      this.#left = (await attachments.current()).filter(
        ({ claim }) => !keeping.has(claim) && !kept.has(claim),
      );
      this.#refusedSince = undefined;
    } catch (error) {
      if (!(error instanceof PortError) || this.#isTolerable(error)) throw error;
      this.#giveUp(error);
      return false;
    }
    if (this.#left.length > 0 && this.#deps.clock.now() >= this.#until) this.#overdue();
    return this.#left.length > 0 && !this.#isOver;
  }

  /** The deadline of the wait; undefined before it begins and after it is over. */
  endsAt(): Instant | undefined {
    return this.#isOver ? undefined : this.#until;
  }

  sentences(): readonly string[] {
    const end = this.#isOver ? ', and is no longer waited for' : '';
    return this.#left.map(
      ({ volume, claim }) => `Volume ${volume} of ${claim} is still attached to the node${end}.`,
    );
  }

  async stop(): Promise<void> {
    await this.#wait?.attachments.stop();
  }

  async #begin(): Promise<Wait> {
    const { node, policy, signal } = this.#options;
    const outside =
      policy.podSelector === undefined ? [] : await listPods(this.#deps.client, podsOnNode(node), podView);
    const onChange = this.#deps.notify;
    const attachments = await watchAttachments(this.#deps, node, { signal, onChange });
    return { attachments, kept: claimsOf(outside) };
  }

  #overdue(): void {
    this.#isOver = true;
    const { node, policy } = this.#options;
    this.#deps.logger.warn('drain goes on with volumes attached', {
      node,
      volumes: this.#left.map(({ volume }) => volume),
      limit: inWords(policy.volumeDetachTimeout),
    });
  }

  /**
   * Retries through an outage. Missing rights, as in an installation older than this feature, or a cluster
   * without VolumeAttachments must not block the reboot.
   */
  #isTolerable({ code, retryable }: PortError): boolean {
    const now = this.#deps.clock.now();
    if (!retryable || this.#until === undefined || now >= this.#until) return false;
    if (code !== 'cluster-refused') return true;
    this.#refusedSince ??= now;
    return now - this.#refusedSince < refusalTolerance;
  }

  #giveUp({ message }: PortError): void {
    this.#isOver = true;
    this.#left = [];
    this.#deps.logger.warn('drain does not wait for volumes', {
      node: this.#options.node,
      why: message,
    });
  }
}
