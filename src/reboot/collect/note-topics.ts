/**
 * The kinds of notes on nodes: how each is probed, posted once to the channel, and removed when it is over.
 */
import type { NoteTopic, NoticePlace, NodeNote, Notice } from '../nodes/node-note.ts';
import {
  type ProbeStep,
  nextRebooterStep,
  nextStep,
  rebooterProbe,
  type Probe,
  probeOf,
} from '../signals/signal-probe.ts';
import type { NoticeGroup } from '../signals/notices.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { AgentView } from '../nodes/observation.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { readSignals, reportOf } from '../signals/signals.ts';
import { type Millis, toInstant, toTimestamp } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';

export interface SeenNode {
  readonly node: NodeView;
  readonly agent: AgentView;
  readonly pool: PoolPolicy;
}

export interface Topic {
  readonly name: NoteTopic;
  /** The log message when it was posted. */
  readonly logMessage: string;
  readonly probe: (deps: ServiceDeps, seen: SeenNode) => Probe;
  readonly step: (known: NodeNote | undefined, seen: Probe, now: number) => ProbeStep;
  /** How long it has to last before it is posted, in milliseconds. */
  readonly lasts: (pool: PoolPolicy) => Millis;
  readonly notice: (
    deps: ServiceDeps,
    group: NoticeGroup,
    where: Pick<Notice, keyof NoticePlace | 'before' | 'nodes'>,
  ) => Notice;
  /** Called before a node's note is marked as posted. */
  readonly record?: (deps: ServiceDeps, one: NoticeGroup[0]) => Promise<void>;
}

const unknownSignals: Topic = {
  name: 'unknownSignals',
  logMessage: 'told of nodes that cannot be read',
  probe(deps, { node, agent, pool }) {
    const report = reportOf(node, agent);
    const readings = readSignals(pool.signals, { node, report, now: deps.clock.now() });
    return probeOf(agent, report !== undefined, readings);
  },
  step: nextStep,
  lasts: ({ unknownFor }) => unknownFor,
  notice(deps, group, where) {
    const [{ nodeNote, pool, reason }] = group;
    const oldest = Math.min(...group.map((each) => toInstant(each.nodeNote.since)));
    const lasted = deps.clock.now() - oldest;
    return { ...where, topic: 'unknownSignals', pool: pool.name, signals: nodeNote.about, reason, lasted };
  },
};

const rebooters: Topic = {
  name: 'rebooters',
  logMessage: 'told of nodes with another rebooter',
  probe: (_, { node, agent }) => rebooterProbe(reportOf(node, agent)),
  step: nextRebooterStep,
  lasts: () => 0,
  notice(_, [{ nodeNote, pool, reason }], where) {
    return { ...where, topic: 'rebooters', pool: pool.name, rebooters: nodeNote.about, reason };
  },
  async record(deps, { node: name, nodeNote, reason }) {
    const node = deps.cluster.cachedNode(name);
    if (node === undefined) return;
    await deps.cluster.record({
      node: name,
      nodeUid: node.uid,
      key: `${name}.other-rebooter.${nodeNote.since}`,
      type: 'Warning',
      reason: 'OtherRebooter',
      note: `Something beside Tugboot may reboot the node, without a decision and without a drain: ${reason}.`,
      at: toTimestamp(deps.clock.now()),
    });
  },
};

export const topics: readonly Topic[] = [unknownSignals, rebooters];
