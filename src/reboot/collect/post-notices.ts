/**
 * Posts notices about signals that cannot be read and agents that are silent for longer than the pool allows,
 * and about other rebooters.
 *
 * One message for the nodes of a pool whose notes begin together, however many replicas resync at the same
 * moment. The claim is stored before the message and its end after it, both by compare-and-swap on the
 * NodeAgents. The oldest note of a group is claimed first: a replica that loses that write leaves the whole
 * group alone, so that its nodes are never split between two messages.
 */
import { isUnderWay } from '../ownership/ownership.ts';
import type { Probe, ProbeStep } from '../signals/signal-probe.ts';
import { dueNotices, type NoticeGroup, postWithin, type UntoldNote } from '../signals/notices.ts';
import { poolFinder } from '../policy/pools.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { AgentView } from '../nodes/observation.ts';
import type { NodeNote, NoticePlace } from '../nodes/node-note.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { toInstant, toTimestamp } from '../time/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type Topic, topics } from './note-topics.ts';

/** Concurrent writes: an agent that fails on every node must not delay the resync. */
const maxParallel = 20;

type Intent = NonNullable<NodeNote['notice']>;

interface NoticeContext {
  readonly deps: ServiceDeps;
  readonly topic: Topic;
}

/** Runs in the resync, since a notice becomes due by time alone. */
export async function postNotices(deps: ServiceDeps): Promise<void> {
  const failures: unknown[] = [];
  // Topics run one after the other, since they write to the same objects. A failing topic does not stop the
  // next.
  for (const topic of topics)
    await postTopic({ deps, topic }).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function postTopic(context: NoticeContext): Promise<void> {
  const { deps, topic } = context;
  const probed = probeAll(context, (node) => deps.cluster.agent(node));
  await inParallel(probed.map((one) => () => writeStep(context, one)));
  if (dueNotices(untoldOf(topic, probed), deps.clock.now()).length === 0) return;
  // Watches of different replicas lag differently. Groups are built from a fresh list, so that all replicas
  // build the same ones.
  const fresh = new Map((await deps.cluster.freshAgents()).map((agent) => [agent.node, agent]));
  const untold = untoldOf(
    topic,
    probeAll(context, (node) => fresh.get(node)),
  );
  for (const group of dueNotices(untold, deps.clock.now())) await postGroup(context, group);
}

interface ProbedNode {
  readonly node: NodeView;
  readonly agent: AgentView;
  readonly pool: PoolPolicy | undefined;
  readonly seen: Probe;
  readonly step: Exclude<ProbeStep, { readonly kind: 'keep' }>;
}

/** Nodes whose note changes or has to be posted. Of thousands of nodes nearly all are well, and have none. */

function probeAll(
  { deps, topic }: NoticeContext,
  agentOf: (node: string) => AgentView | undefined,
): readonly ProbedNode[] {
  const poolOf = poolFinder(deps.policy());
  const underWay = new Set(
    deps.store
      .all()
      .filter(isUnderWay)
      .map(({ node }) => node.name),
  );
  return deps.cluster.nodes().flatMap((node) => {
    const agent = agentOf(node.name);
    if (agent === undefined) return [];
    const pool = poolOf(node);
    // While a Reboot is under way, its proof checks the agent.
    const isAway = !node.ready || pool === undefined || underWay.has(node.name);
    const seen: Probe = isAway ? { kind: 'away' } : topic.probe(deps, { node, agent, pool });
    const step = topic.step(agent[topic.name], seen, deps.clock.now());
    return step.kind === 'keep' ? [] : [{ node, agent, pool, seen, step }];
  });
}

async function writeStep({ deps, topic }: NoticeContext, { node, agent, step }: ProbedNode): Promise<void> {
  if (step.kind === 'write')
    await deps.cluster.writeNote(node.name, agent[topic.name], step.next, topic.name);
}

const untoldOf = (topic: Topic, probed: readonly ProbedNode[]): readonly UntoldNote[] =>
  probed.flatMap(({ node, pool, seen, step }) => {
    if (step.kind !== 'untold' || pool === undefined || seen.kind !== 'unknown') return [];
    return [
      { node: node.name, nodeNote: step.nodeNote, pool, reason: seen.reason, lasts: topic.lasts(pool) },
    ];
  });

async function postGroup(context: NoticeContext, [first, ...others]: NoticeGroup): Promise<void> {
  const { deps } = context;
  const earlier = first.nodeNote.notice;
  const intent = intentOf(context, first);
  const claimed = await writeOne(context, first, (nodeNote) => ({ ...nodeNote, notice: intent }));
  if (claimed === undefined) return;
  const { cluster } = deps.policy();
  const place: NoticePlace = { key: intent.key, cluster, channel: first.pool.channel };
  const [begun, joining] = [others.filter(isBegun), others.filter((one) => !isBegun(one))];
  if (earlier !== undefined && (await deps.chat.hasNotice(place, toInstant(earlier.begun)))) {
    // Notes that would have joined are not in that message: they are posted in another.
    await markPosted(context, [claimed, ...begun]);
    return;
  }
  const joined = await writeAll(context, joining, (nodeNote) => ({ ...nodeNote, notice: intent }));
  // The writes may have taken long, and another replica may have claimed the notice since.
  const renewed = { ...intent, at: toTimestamp(deps.clock.now()) };
  const posting = await writeOne(context, claimed, (nodeNote) => ({ ...nodeNote, notice: renewed }));
  if (posting === undefined) return;
  const before = toInstant(renewed.at) + postWithin;
  await postMessage(context, { ...place, before }, [posting, ...begun, ...joined]);
  await markPosted(context, [posting, ...begun, ...joined]);
}

const isBegun = ({ nodeNote }: UntoldNote): boolean => nodeNote.notice !== undefined;

function intentOf({ deps, topic }: NoticeContext, { node, nodeNote, pool }: UntoldNote): Intent {
  const at = toTimestamp(deps.clock.now());
  if (nodeNote.notice !== undefined) return { ...nodeNote.notice, at };
  const key = deps
    .hash(JSON.stringify([topic.name, pool.name, nodeNote.about, node, nodeNote.since]))
    .slice(0, 16);
  return { key, begun: at, at };
}

async function postMessage(
  { deps, topic }: NoticeContext,
  where: NoticePlace & { readonly before: number },
  group: NoticeGroup,
): Promise<void> {
  const [{ nodeNote, pool, reason, node }, ...more] = group;
  const nodes = [node, ...more.map((each) => each.node)] as const;
  await deps.chat.notify(topic.notice(deps, group, { ...where, nodes: [...nodes] }));
  const fields = { pool: pool.name, nodes: nodes.join(' '), about: nodeNote.about, reason };
  deps.logger.warn(topic.logMessage, fields);
}

async function markPosted(context: NoticeContext, posted: readonly UntoldNote[]): Promise<void> {
  const { deps, topic } = context;
  await inParallel(posted.map((one) => async () => topic.record?.(deps, one)));
  await writeAll(context, posted, (nodeNote) => ({ ...nodeNote, told: true }));
}

/** The note as stored; undefined after a conflict. */
async function writeOne(
  { deps, topic }: NoticeContext,
  one: UntoldNote,
  change: (nodeNote: NodeNote) => NodeNote,
): Promise<UntoldNote | undefined> {
  const nodeNote = change(one.nodeNote);
  const answer = await deps.cluster.writeNote(one.node, one.nodeNote, nodeNote, topic.name);
  return answer === 'done' ? { ...one, nodeNote } : undefined;
}

async function writeAll(
  context: NoticeContext,
  group: readonly UntoldNote[],
  change: (nodeNote: NodeNote) => NodeNote,
): Promise<readonly UntoldNote[]> {
  const noted = new Map<string, UntoldNote>();
  const writes = group.map((one) => async (): Promise<void> => {
    const stored = await writeOne(context, one, change);
    if (stored !== undefined) noted.set(one.node, stored);
  });
  await inParallel(writes);
  return group.flatMap(({ node }) => noted.get(node) ?? []);
}

async function inParallel(work: readonly (() => Promise<void>)[]): Promise<void> {
  for (let from = 0; from < work.length; from += maxParallel)
    await Promise.all(work.slice(from, from + maxParallel).map((one) => one()));
}
