/**
 * A pod's requests and a node's allocatable resources, by resource name: CPU in thousandths, all others in
 * units.
 */
import { at, field, listAt, textAt, textsAt } from '../api/json-value.ts';
import { quantity } from './quantity.ts';

export type Amounts = ReadonlyMap<string, number>;

const none: Amounts = new Map();

function amountsAt(value: unknown, ...path: readonly string[]): Amounts {
  const amounts = new Map<string, number>();
  for (const [name, text] of Object.entries(textsAt(value, ...path))) {
    const amount = quantity(text, name === 'cpu' ? 'thousandths' : 'ones');
    if (amount !== undefined) amounts.set(name, amount);
  }
  return amounts;
}

export const allocatableOf = (node: unknown): Amounts => amountsAt(node, 'status', 'allocatable');

function joined(one: Amounts, other: Amounts, join: (a: number, b: number) => number): Amounts {
  const all = new Map(one);
  for (const [name, amount] of other) all.set(name, join(all.get(name) ?? 0, amount));
  return all;
}

export const plus = (one: Amounts, other: Amounts): Amounts => joined(one, other, (a, b) => a + b);
const larger = (one: Amounts, other: Amounts): Amounts => joined(one, other, Math.max);

const requestsOf = (container: unknown): Amounts => amountsAt(container, 'resources', 'requests');

/** The resources that a pod-level request may name (KEP-2837); the scheduler ignores others there. */
const isPodLevel = (name: string): boolean =>
  name === 'cpu' || name === 'memory' || name.startsWith('hugepages-');

/**
 * As the scheduler counts (Kubernetes documentation, "Init Containers", resource sharing; KEP-753):
 * containers run together, init containers run one after the other, and restartable ones (sidecars) keep
 * running beside the later ones.
 */
export function requestsOfPod(pod: unknown): Amounts {
  let sidecars = none;
  let starting = none;
  for (const container of listAt(pod, 'spec', 'initContainers')) {
    const own = requestsOf(container);
    if (textAt(container, 'restartPolicy') === 'Always') sidecars = plus(sidecars, own);
    starting = larger(
      starting,
      textAt(container, 'restartPolicy') === 'Always' ? sidecars : plus(own, sidecars),
    );
  }
  const running = listAt(pod, 'spec', 'containers').map(requestsOf).reduce(plus, sidecars);
  const asWhole = [...amountsAt(pod, 'spec', 'resources', 'requests')].filter(([name]) => isPodLevel(name));
  const all = new Map([...larger(running, starting), ...asWhole]);
  return plus(all, amountsAt(pod, 'spec', 'overhead'));
}

/** The scheduling constraints of a pod, in the shape of a pod. */
export const constraintsOf = (pod: unknown): unknown => ({
  spec: {
    nodeSelector: field(field(pod, 'spec'), 'nodeSelector'),
    affinity: { nodeAffinity: at(pod, 'spec', 'affinity', 'nodeAffinity') },
    tolerations: listAt(pod, 'spec', 'tolerations'),
  },
});
