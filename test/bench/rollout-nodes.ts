/** The nodes of a modelled rollout, and what each of them needs by itself. */
import { zoneLabel } from '../../src/reboot/nodes/node-contract.ts';
import type { NodeView } from '../../src/reboot/nodes/node-view.ts';
import { type Millis, minute, second } from '../../src/reboot/time/time.ts';
import { aNode } from '../fakes/builders.ts';
import { between, seeded } from './seeded.ts';

export interface ModelNode {
  readonly name: string;
  readonly pool: string;
  readonly zone: string;
  readonly controlPlane: boolean;
  /** From the first eviction until it is empty. */
  readonly drain: Millis;
  /** From the order, as its agent has seen it, until it is Ready with a new boot. */
  readonly boot: Millis;
  /** From then until its DaemonSet pods are ready too. */
  readonly ready: Millis;
  /** For how long after the start of the rollout budgets let nobody go from it. */
  readonly stuck: Millis;
}

export interface PoolShape {
  readonly name: string;
  readonly nodes: number;
  readonly controlPlane?: true;
}

export const zones = ['a', 'b', 'c'] as const;

/** Most drains take a minute or so, and some take five. */
const drainTime = (random: () => number): Millis =>
  Math.min(5 * minute, 20 * second - Math.log(1 - random()) * 70 * second);

export function modelNodes(
  shapes: readonly PoolShape[],
  seed: number,
  stuck = { share: 0, for: 0 },
): readonly ModelNode[] {
  const random = seeded(seed);
  return shapes.flatMap(({ name, nodes, controlPlane = false }) =>
    Array.from({ length: nodes }, (_, n): ModelNode => ({
      name: `${name}-${String(n + 1).padStart(3, '0')}`,
      pool: name,
      zone: zones[n % zones.length] ?? 'a',
      controlPlane,
      drain: Math.round(drainTime(random)),
      boot: Math.round(between(random, minute, 150 * second)),
      ready: Math.round(between(random, 2 * second, 20 * second)),
      stuck: !controlPlane && random() < stuck.share ? stuck.for : 0,
    })),
  );
}

/**
 * The time that each node needs in any case: its pods, its firmware and kernel, its DaemonSets, and the
 * settle time.
 */
export const ownTime = ({ drain, boot, ready }: ModelNode, settleTime: Millis): Millis =>
  drain + boot + ready + settleTime;

export const viewOf = ({ name, pool, zone, controlPlane }: ModelNode): NodeView =>
  aNode({
    name,
    labels: {
      pool,
      [zoneLabel]: zone,
      ...(controlPlane ? { 'node-role.kubernetes.io/control-plane': '' } : {}),
    },
  });
