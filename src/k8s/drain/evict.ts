import type { Logger } from '../../reboot/ports/logger.ts';
import type { Meter } from '../../reboot/ports/meter.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import type { KubeAnswer, KubeClient } from '../api/client.ts';
import type { KubeStatus } from '../api/kube-status.ts';
import { paths } from '../api/paths.ts';
import { titleOf, type PodView } from '../pods/pod-view.ts';

/** The result of one request to evict or delete a pod. */
export type EvictionOutcome =
  /** The pod is being deleted; the watch shows its end. */
  | { readonly kind: 'accepted' }
  | { readonly kind: 'gone' }
  /** The name now belongs to another pod. */
  | { readonly kind: 'replaced' }
  /** A PodDisruptionBudget has no room now, or its controller has not processed the last change yet. */
  | { readonly kind: 'blocked'; readonly status: KubeStatus; readonly retryAfterSeconds: number }
  /**
   * Retry later: the server throttles, or a webhook moves the pod itself first, as KubeVirt's does with a
   * virtual machine.
   */
  | { readonly kind: 'later'; readonly sentence: string; readonly retryAfterSeconds: number }
  /** The pod's namespace is being deleted, and the pod with it. */
  | { readonly kind: 'leaving-namespace' }
  /**
   * Retried a limited number of times: a webhook's denial, a missing right, several budgets for one pod, an
   * outage.
   */
  | { readonly kind: 'trouble'; readonly sentence: string };

export interface EvictDeps {
  readonly client: KubeClient;
  readonly logger: Logger;
  /** Absent: nothing is counted. */
  readonly meter?: Pick<Meter, 'evicted'>;
}

export interface EvictRequest {
  readonly pod: PodView;
  /** Default: the pod's own grace period. */
  readonly gracePeriodSeconds?: number;
  /** Delete the pod, which ignores budgets. */
  readonly force: boolean;
  readonly signal: AbortSignal;
}

/**
 * The prefix that the API server puts before a webhook's message. The webhook chooses the code, from 400 on
 * (apiserver, admission/plugin/webhook/errors).
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
  // A webhook's 404 or 409 says nothing about the pod.
  if (isDenied(status) && status.code !== 429) return { kind: 'trouble', sentence };
  switch (status.code) {
    case 404:
      return { kind: 'gone' };
    case 409:
      // The UID precondition failed.
      return { kind: 'replaced' };
    case 429:
      if (causes.has('DisruptionBudget') && !isDenied(status))
        return { kind: 'blocked', status, retryAfterSeconds };
      return { kind: 'later', sentence, retryAfterSeconds };
    case 403:
      // A terminating namespace refuses creations, and an eviction is the creation of a subresource.
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
    // A new pod of the same name is another pod: without this, a StatefulSet's replacement elsewhere would be
    // evicted (k/k issue 138229).
    preconditions: { uid: pod.uid },
    ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
  };
}

async function send(client: KubeClient, request: EvictRequest): Promise<KubeAnswer> {
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

/** Throws only the reason of an abort. */
export async function evict(deps: EvictDeps, request: EvictRequest): Promise<EvictionOutcome> {
  const outcome = await attempt(deps, request);
  deps.meter?.evicted(outcome.kind);
  return outcome;
}

async function attempt({ client, logger }: EvictDeps, request: EvictRequest): Promise<EvictionOutcome> {
  try {
    return outcomeOf(await send(client, request), request.pod);
  } catch (error) {
    request.signal.throwIfAborted();
    if (!(error instanceof PortError)) throw error;
    logger.debug('an eviction got no answer', { pod: titleOf(request.pod), err: error });
    return { kind: 'trouble', sentence: `${titleOf(request.pod)} could not be evicted: ${error.message}` };
  }
}
