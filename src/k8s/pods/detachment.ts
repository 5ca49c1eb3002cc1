import { PortError } from '../../reboot/ports/port-error.ts';
import type { DrainPolicy } from '../../reboot/policy/policy.ts';
import { inWords, second, type Instant, type Millis } from '../../reboot/ports/time.ts';
import type { ReflectorDeps } from '../api/reflector.ts';
import { watchAttachments, type Attachment, type Attachments } from './attachments.ts';
import type { PodView } from './pod-view.ts';
import { podView } from './pod-view.ts';
import { listPods, podsOnNode } from './pods-on-node.ts';

export interface DetachmentDeps extends ReflectorDeps {
  readonly notify: () => void;
}

interface Wait {
  readonly attachments: Attachments;
  /** Claims of pods outside the drain, which keep their volumes. */
  readonly kept: ReadonlySet<string>;
}

export interface DetachmentOptions {
  readonly node: string;
  readonly policy: DrainPolicy;
  readonly signal: AbortSignal;
}

/** A server that has just started may refuse what it allows a moment later. */
const refusalBorne: Millis = 20 * second;

const claimsOf = (pods: Iterable<PodView>): ReadonlySet<string> =>
  new Set(Array.from(pods, (pod) => pod.claims.map((claim) => `${pod.namespace}/${claim}`)).flat());

/**
 * After the pods, their volumes: a node that goes down with a volume attached keeps it from its pod's
 * replacement for minutes, since the cluster takes a volume from a silent node after six minutes only
 * (attach/detach controller). So the reboot waits for it, as Karpenter's termination does.
 *
 * The wait has a limit, and what is over it does not fail the drain: the pods have been disturbed already,
 * and a clean shutdown unmounts the rest. It is told.
 */
export class Detachment {
  readonly #deps: DetachmentDeps;
  readonly #options: DetachmentOptions;
  #concerns = false;
  #wait: Wait | undefined;
  #until: Instant | undefined;
  /** Since when the server has refused to tell, without a break. */
  #refusedSince: Instant | undefined;
  #left: readonly Attachment[] = [];
  #isOver = false;

  constructor(deps: DetachmentDeps, options: DetachmentOptions) {
    this.#deps = deps;
    this.#options = options;
  }

  /** A node none of whose pods has a claim, and which reports no volume, costs no request. */
  track(pods: readonly PodView[], reportsVolumes: boolean): void {
    this.#concerns ||= reportsVolumes || pods.some(({ claims }) => claims.length > 0);
  }

  /**
   * Whether volumes of pods that have gone hold the reboot back. `staying`: the pods that are left on the
   * node.
   */
  async holds(staying: readonly PodView[], deadline: Instant): Promise<boolean> {
    const limit = this.#options.policy.volumeDetachTimeout;
    if (!this.#concerns || this.#isOver || limit === 0) return false;
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
      if (!(error instanceof PortError) || this.#bears(error)) throw error;
      this.#giveUp(error);
      return false;
    }
    if (this.#left.length > 0 && this.#deps.clock.now() >= this.#until) this.#overdue();
    return this.#left.length > 0 && !this.#isOver;
  }

  /** When the wait ends by itself. */
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
   * An outage is sat out. Rights from before this wait existed, or a cluster that knows no attachments, must
   * not keep a node from its reboot.
   */
  #bears({ code, retryable }: PortError): boolean {
    const now = this.#deps.clock.now();
    if (!retryable || this.#until === undefined || now >= this.#until) return false;
    if (code !== 'cluster-refused') return true;
    this.#refusedSince ??= now;
    return now - this.#refusedSince < refusalBorne;
  }

  #giveUp({ message }: PortError): void {
    this.#isOver = true;
    this.#left = [];
    this.#deps.logger.warn('drain does not wait for volumes', {
      node: this.#options.node,
      error: message,
    });
  }
}
