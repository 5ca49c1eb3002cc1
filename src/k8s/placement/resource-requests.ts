/**
 * A pod's requests and a node's allocatable resources, by resource name: CPU in thousandths, all others in
 * units.
 */
import type { V1Container, V1Node } from '@kubernetes/client-node';
import type { Received } from '../api/received.ts';
import type { PodConstraints } from './placement.ts';
import { quantity } from './quantity.ts';

export type Amounts = ReadonlyMap<string, number>;

const none: Amounts = new Map();

function amountsOf(quantities: Readonly<Record<string, string>> | undefined): Amounts {
  const amounts = new Map<string, number>();
  for (const [name, text] of Object.entries(quantities ?? {})) {
    const amount = quantity(text, name === 'cpu' ? 'thousandths' : 'ones');
    if (amount !== undefined) amounts.set(name, amount);
  }
  return amounts;
}

export const allocatableOf = ({ status }: Received<V1Node>): Amounts => amountsOf(status?.allocatable);

function joined(one: Amounts, other: Amounts, join: (a: number, b: number) => number): Amounts {
  const all = new Map(one);
  for (const [name, amount] of other) all.set(name, join(all.get(name) ?? 0, amount));
  return all;
}

export const plus = (one: Amounts, other: Amounts): Amounts => joined(one, other, (a, b) => a + b);
const larger = (one: Amounts, other: Amounts): Amounts => joined(one, other, Math.max);

const requestsOf = ({ resources }: Received<V1Container>): Amounts => amountsOf(resources?.requests);

/** The resources that a pod-level request may name (KEP-2837); the scheduler ignores others there. */
const isPodLevel = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/**
 * As the scheduler counts (Kubernetes documentation, "Init Containers", resource sharing; KEP-753):
 * containers run together, init containers run one after the other, and restartable ones (sidecars) keep
 * running beside the later ones.
 */
export function requestsOfPod({ spec }: PodConstraints): Amounts {
  let sidecars = none;
  let starting = none;
  for (const container of spec?.initContainers ?? []) {
    const own = requestsOf(container);
    const isSidecar = container.restartPolicy === 'Always';
    if (isSidecar) sidecars = plus(sidecars, own);
    starting = larger(starting, isSidecar ? sidecars : plus(own, sidecars));
  }
  const running = (spec?.containers ?? []).map(requestsOf).reduce(plus, sidecars);
  const asWhole = [...amountsOf(spec?.resources?.requests)].filter(([name]) => isPodLevel(name));
  const all = new Map([...larger(running, starting), ...asWhole]);
  return plus(all, amountsOf(spec?.overhead));
}

/** The scheduling constraints of a pod, in the shape of a pod. */
export const constraintsOf = ({ spec }: PodConstraints): PodConstraints => ({
  spec: {
    ...(spec?.nodeSelector && { nodeSelector: spec.nodeSelector }),
    affinity: { ...(spec?.affinity?.nodeAffinity && { nodeAffinity: spec.affinity.nodeAffinity }) },
    tolerations: spec?.tolerations ?? [],
  },
});
