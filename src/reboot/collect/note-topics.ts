/** What is noted of nodes, told to their channels once, and forgotten when it is over. */
import type { NoteTopic, NoticePlace } from '../signals/unknown-signal.ts';
import {
  type DoubtStep,
  nextRebooterStep,
  nextStep,
  rebooterSighting,
  type Sighting,
  sightingOf,
} from '../signals/signal-probe.ts';
import type { NoticeGroup } from '../signals/notices.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { AgentView, Doubt, NodeView, Notice } from '../ports/ports.ts';
import { readSignals, reportOf } from '../signals/signals.ts';
import { type Millis, toInstant, toTimestamp } from '../ports/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export interface SeenNode {
  readonly node: NodeView;
  readonly agent: AgentView;
  readonly pool: PoolPolicy;
}

export interface Topic {
  readonly name: NoteTopic;
  /** For the log. */
  readonly told: string;
  readonly sighting: (deps: ServiceDeps, seen: SeenNode) => Sighting;
  readonly step: (known: Doubt | undefined, seen: Sighting, now: number) => DoubtStep;
  /** How long it has to last before it is told. */
  readonly lasts: (pool: PoolPolicy) => Millis;
  readonly notice: (
    deps: ServiceDeps,
    group: NoticeGroup,
    where: Pick<Notice, keyof NoticePlace | 'before' | 'nodes'>,
  ) => Notice;
  /** Before a node is noted as told. */
  readonly record?: (deps: ServiceDeps, one: NoticeGroup[0]) => Promise<void>;
}

const doubt: Topic = {
  name: 'doubt',
  told: 'told of nodes that cannot be read',
  sighting(deps, { node, agent, pool }) {
    const report = reportOf(node, agent);
    const readings = readSignals(pool.signals, { node, report, now: deps.clock.now() });
    return sightingOf(agent, report !== undefined, readings);
  },
  step: nextStep,
  lasts: ({ unknownFor }) => unknownFor,
  notice(deps, group, where) {
    const [{ doubt, pool, reason }] = group;
    const oldest = Math.min(...group.map((each) => toInstant(each.doubt.since)));
    const lasted = deps.clock.now() - oldest;
    return { ...where, topic: 'doubt', pool: pool.name, signals: doubt.about, reason, lasted };
  },
};

const rebooters: Topic = {
  name: 'rebooters',
  told: 'told of nodes with another rebooter',
  sighting: (_, { node, agent }) => rebooterSighting(reportOf(node, agent)),
  step: nextRebooterStep,
  lasts: () => 0,
  notice(_, [{ doubt, pool, reason }], where) {
    return { ...where, topic: 'rebooters', pool: pool.name, rebooters: doubt.about, reason };
  },
  async record(deps, { node: name, doubt, reason }) {
    const node = deps.cluster.nodes().find((each) => each.name === name);
    if (node === undefined) return;
    await deps.cluster.record({
      node: name,
      nodeUid: node.uid,
      key: `${name}.other-rebooter.${doubt.since}`,
      type: 'Warning',
      reason: 'OtherRebooter',
      note: `Something beside Tugboot may reboot the node, without a decision and without a drain: ${reason}.`,
      at: toTimestamp(deps.clock.now()),
    });
  },
};

export const topics: readonly Topic[] = [doubt, rebooters];
