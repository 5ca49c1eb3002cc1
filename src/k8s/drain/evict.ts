import type { Logger } from '../../reboot/ports/logger.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { KubeAnswer, KubeClient } from '../api/client.ts';
import type { KubeStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

/** What the API server made of one request to evict or delete a pod. */
export type EvictionOutcome =
  /** The pod is being deleted; its end shows in the watch. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'gone' }
  /** The name belongs to another pod by now. */
  | { readonly kind: 'replaced' }
  /** A PodDisruptionBudget has no room now, or has not been counted yet. */
  | { readonly kind: 'blocked'; readonly status: KubeStatus; readonly retryAfterSeconds: number }
  /**
   * Not now: the server sheds load, or a webhook moves the pod itself first, as KubeVirt's does with a
   * virtual machine.
   */
  | { readonly kind: 'later'; readonly sentence: string; readonly retryAfterSeconds: number }
  /** Its namespace is being deleted, and so will the pod be. */
  | { readonly kind: 'leaving-namespace' }
  /** A webhook, a missing right, several budgets for one pod, an outage: worth trying again for a while. */
  | { readonly kind: 'trouble'; readonly sentence: string };

export interface EvictDeps {
  readonly client: KubeClient;
  readonly logger: Logger;
}

export interface EvictRequest {
  readonly pod: PodView;
  /** Absent: the pod's own. */
  readonly gracePeriodSeconds?: number;
  /** Delete, which asks no budget. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/**
 * The API server's words before those of a webhook, which may give any code from 400 on (apiserver,
 * admission/plugin/webhook/errors).
 */
const isDenied = ({ message }: KubeStatus): boolean =>
  /^admission webhook "[^"]*" denied the request/.test(message);

/**
 * The eviction subresource:
 * https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/#how-api-initiated-eviction-works
 */
export function outcomeOf(answer: KubeAnswer, pod: PodView): EvictionOutcome {
  if (answer.ok) return { kind: 'accepted' };
  const { status } = answer;
  const causes = new Set(status.causes.map((cause) => cause.reason));
  const retryAfterSeconds = status.retryAfterSeconds ?? 0;
  const sentence = refusedSentence(pod, status);
  // A webhook's 404 and 409 say nothing about the pod.
  if (isDenied(status) && status.code !== 429) return { kind: 'trouble', sentence };
  switch (status.code) {
    case 404:
      return { kind: 'gone' };
    case 409:
      // The UID of the precondition is not the stored one.
      return { kind: 'replaced' };
    case 429:
      if (causes.has('DisruptionBudget') && !isDenied(status))
        return { kind: 'blocked', status, retryAfterSeconds };
      return { kind: 'later', sentence, retryAfterSeconds };
    case 403:
      // A pod may be created in a terminating namespace no more, and evictions are creations of a
      // subresource.
      if (causes.has('NamespaceTerminating')) return { kind: 'leaving-namespace' };
      return { kind: 'trouble', sentence };
    default:
      return { kind: 'trouble', sentence };
  }
}

const refusedSentence = (pod: PodView, { code, message, reason }: KubeStatus): string =>
  `${titleOf(pod)} could not be evicted (${code}): ${message || reason || 'no reason given'}`;

function deleteOptions({ pod, gracePeriodSeconds }: EvictRequest): unknown {
  return {
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    // A reborn name is not the same pod: without this a StatefulSet's new pod elsewhere would be evicted (k/k
    // issue 138229).
    preconditions: { uid: pod.uid },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
}

async function ask(client: KubeClient, request: EvictRequest): Promise<KubeAnswer> {
  const { namespace, name } = request.pod;
  const { signal } = request;
  if (request.force)
    return client.send({
      method: 'DELETE',
      path: paths.pod(namespace, name),
      body: deleteOptions(request),
      signal,
    });
  const body = {
    apiVersion: 'policy/v1',
    kind: 'Eviction',
    metadata: { namespace, name },
    deleteOptions: deleteOptions(request),
  };
  return client.send({
    method: 'POST',
    path: paths.eviction(namespace, name),
    body,
    signal,
    tooManyIsAnAnswer: true,
  });
}

/** Throws only what an abort throws. */
export async function evict({ client, logger }: EvictDeps, request: EvictRequest): Promise<EvictionOutcome> {
  try {
    return outcomeOf(await ask(client, request), request.pod);
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof PortError)) throw error;
    logger.debug('an eviction got no answer', { pod: titleOf(request.pod), error: error.message });
    return { kind: 'trouble', sentence: `${titleOf(request.pod)} could not be evicted: ${error.message}` };
  }
}
