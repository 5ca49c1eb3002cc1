import { titleOf, type PodView } from '../pods/pod-view.ts';

/** Set by our chart on everything it runs: the bot's replicas, the Redis of its queues, and the agents. */
const partOf = { label: 'app.kubernetes.io/part-of', value: 'tugboot' };

/** The bot's replicas and their Redis. Every node has an agent: that makes none of them ours. */
export const ownSelector = `${partOf.label}=${partOf.value},app.kubernetes.io/component!=agent`;

export interface Ownership {
  /** Of the installation. */
  readonly namespace: string;
  /** By `namespace/name`. */
  readonly named: readonly string[];
}

/**
 * Whose end would hinder the drain itself. A label alone does not make a pod ours: anybody may set one
 * elsewhere.
 */
export function ownPods({ namespace, named }: Ownership): (pod: PodView) => boolean {
  const names = new Set(named);
  return (pod) =>
    names.has(titleOf(pod)) || (pod.namespace === namespace && pod.labels[partOf.label] === partOf.value);
}
