import { isOutsidePools } from './agentless.ts';
import { controlPlaneLabels } from '../nodes/node-contract.ts';
import type { NodeView } from '../nodes/node-view.ts';
import type { Approvers, Policy, PoolPolicy } from './policy.ts';
import { parseSelector } from './selector.ts';

type Labelled = Pick<NodeView, 'labels'>;
type Member = Parameters<typeof isOutsidePools>[0];

/**
 * Compares the selector alone. An invalid selector matches nothing; the configuration check rejects it
 * earlier.
 */
export function matchesPool(pool: Pick<PoolPolicy, 'selector'>, node: Labelled): boolean {
  const selector = parseSelector(pool.selector);
  return selector.ok && selector.matches(node.labels);
}

/** A node belongs to the first pool that matches it, if an agent can run there. */
export const poolOf = (policy: Policy, node: Member): PoolPolicy | undefined => poolFinder(policy)(node);

/** `poolOf` for many nodes: parses each selector once. */
export function poolFinder(policy: Policy): (node: Member) => PoolPolicy | undefined {
  const pools = policy.pools.map((pool) => ({ pool, selector: parseSelector(pool.selector) }));
  return (node) => {
    const owner = pools.find(({ selector }) => selector.ok && selector.matches(node.labels))?.pool;
    return owner === undefined || isOutsidePools(node, policy.departing) ? undefined : owner;
  };
}

export const poolNamed = (policy: Policy, name: string): PoolPolicy | undefined =>
  policy.pools.find((pool) => pool.name === name);

export const isControlPlane = (node: Labelled): boolean =>
  controlPlaneLabels.some((label) => node.labels[label] !== undefined);

const severalMayApprove = (approvers: Approvers): boolean =>
  approvers.kind === 'channel' ||
  (approvers.kind === 'named' && (approvers.groups.length > 0 || approvers.users.length > 1));

/** The pool's number, else two for a control-plane node where several people may approve, else one. */
export function approvalsNeeded(pool: PoolPolicy, facts: { readonly controlPlane: boolean }): number {
  return pool.approvalsNeeded ?? (facts.controlPlane && severalMayApprove(pool.approvers) ? 2 : 1);
}

/** Maximum number of nodes of a pool out of service at once. A share is rounded down, but is at least one. */
export function mostOut(pool: PoolPolicy, size: number): number {
  if ('count' in pool.maxUnavailable) return pool.maxUnavailable.count;
  return Math.max(1, Math.floor((size * pool.maxUnavailable.percent) / 100));
}
