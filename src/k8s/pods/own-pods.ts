import { titleOf, type PodView } from './pod-view.ts';

/** The chart sets this label on all its pods: the bot's replicas, the Redis of its queues, and the agents. */
const partOf = { label: 'app.kubernetes.io/part-of', value: 'tugboot' };

/** The bot's replicas and their Redis, without the agents, which run on every node. */
export const ownSelector = `${partOf.label}=${partOf.value},app.kubernetes.io/component!=agent`;

export interface Ownership {
  /** The namespace of the installation. */
  readonly namespace: string;
  /** Pods by `namespace/name`. */
  readonly named: readonly string[];
}

/**
 * Pods whose end would interrupt the drain itself. A label in another namespace does not count: anybody may
 * set it.
 */
export function ownPods({ namespace, named }: Ownership): (pod: PodView) => boolean {
  const names = new Set(named);
  return (pod) =>
    names.has(titleOf(pod)) || (pod.namespace === namespace && pod.labels[partOf.label] === partOf.value);
}
