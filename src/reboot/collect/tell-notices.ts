/**
 * Tells of signals that cannot be read and of agents that are silent, once they have been so for longer than
 * the pool allows, and of other rebooters.
 *
 * One message for the nodes of a pool whose doubts begin together, however many replicas scan at the same
 * moment. The intent is stored before the message and the end after it; both by compare-and-swap on the
 * NodeAgents. The oldest doubt of a group is claimed first: the replica that loses that write leaves the
 * whole group alone, so that its nodes are never split between two messages.
 */
import { isUnderWay } from '../state/ownership.ts';
import type { Probe } from '../signals/signal-probe.ts';
import { dueNotices, type NoticeGroup, postWithin, type UntoldNote } from '../signals/notices.ts';
import { poolFinder } from '../policy/pools.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { AgentView } from '../ports/cluster.ts';
import type { NodeNote, NoticePlace } from '../signals/node-note.ts';
import type { NodeView } from '../nodes/node-view.ts';
import { toInstant, toTimestamp } from '../ports/time.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type Topic, topics } from './note-topics.ts';

/** Writes under way at once: an agent that fails on every node must not hold up the scan. */
const parallel = 20;

type Intent = NonNullable<NodeNote['notice']>;

interface Telling {
  readonly deps: ServiceDeps;
  readonly topic: Topic;
}

/** Done at the scan, since what it waits for is the passing of time. */
export async function tellNotices(deps: ServiceDeps): Promise<void> {
  const failures: unknown[] = [];
  // One after the other, since both write to the same objects. What the first cannot tell holds up no other.
  for (const topic of topics)
    await tellTopic({ deps, topic }).catch((error: unknown) => failures.push(error));
  if (failures.length > 0) throw failures[0];
}

async function tellTopic(telling: Telling): Promise<void> {
  const { deps } = telling;
  const looked = lookAtAll(telling, (node) => deps.cluster.agent(node));
  await inParallel(looked.map((one) => () => follow(telling, one)));
  if (dueNotices(untoldOf(telling, looked), deps.clock.now()).length === 0) return;
  // Each replica's watch lags by its own time: the groups are made of what the API server says, so that all
  // replicas make the same ones.
  const fresh = new Map((await deps.cluster.freshAgents()).map((agent) => [agent.node, agent]));
  const untold = untoldOf(
    telling,
    lookAtAll(telling, (node) => fresh.get(node)),
  );
  for (const group of dueNotices(untold, deps.clock.now())) await tell(telling, group);
}

interface Looked {
  readonly node: NodeView;
  readonly agent: AgentView;
  readonly pool: PoolPolicy | undefined;
  readonly seen: Probe;
}

function lookAtAll(
  { deps, topic }: Telling,
  agentOf: (node: string) => AgentView | undefined,
): readonly Looked[] {
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
    // While a Reboot is under way its own proof watches the agent.
    const isAway = !node.ready || pool === undefined || underWay.has(node.name);
    const seen: Probe = isAway ? { kind: 'away' } : topic.probe(deps, { node, agent, pool });
    return [{ node, agent, pool, seen }];
  });
}

async function follow({ deps, topic }: Telling, { node, agent, seen }: Looked): Promise<void> {
  const known = agent[topic.name];
  const step = topic.step(known, seen, deps.clock.now());
  if (step.kind === 'write') await deps.cluster.writeNote(node.name, known, step.next, topic.name);
}

const untoldOf = ({ deps, topic }: Telling, looked: readonly Looked[]): readonly UntoldNote[] =>
  looked.flatMap(({ node, agent, pool, seen }) => {
    const step = topic.step(agent[topic.name], seen, deps.clock.now());
    if (step.kind !== 'untold' || pool === undefined || seen.kind !== 'doubt') return [];
    return [
      { node: node.name, nodeNote: step.nodeNote, pool, reason: seen.reason, lasts: topic.lasts(pool) },
    ];
  });

async function tell(telling: Telling, [first, ...others]: NoticeGroup): Promise<void> {
  const { deps } = telling;
  const earlier = first.nodeNote.notice;
  const intent = intentOf(telling, first);
  const claimed = await note(telling, first, (nodeNote) => ({ ...nodeNote, notice: intent }));
  if (claimed === undefined) return;
  const { cluster } = deps.policy();
  const place: NoticePlace = { key: intent.key, cluster, channel: first.pool.channel };
  const [begun, joining] = [others.filter(isBegun), others.filter((one) => !isBegun(one))];
  if (earlier !== undefined && (await deps.chat.hasNotice(place, toInstant(earlier.begun)))) {
    // Those that would have joined it are not in that message: they get one of their own.
    await conclude(telling, [claimed, ...begun]);
    return;
  }
  const joined = await noteAll(telling, joining, (nodeNote) => ({ ...nodeNote, notice: intent }));
  // All that may have taken long: somebody else may have claimed it meanwhile.
  const renewed = { ...intent, at: toTimestamp(deps.clock.now()) };
  const posting = await note(telling, claimed, (nodeNote) => ({ ...nodeNote, notice: renewed }));
  if (posting === undefined) return;
  const before = toInstant(renewed.at) + postWithin;
  await post(telling, { ...place, before }, [posting, ...begun, ...joined]);
  await conclude(telling, [posting, ...begun, ...joined]);
}

const isBegun = ({ nodeNote }: UntoldNote): boolean => nodeNote.notice !== undefined;

function intentOf({ deps, topic }: Telling, { node, nodeNote, pool }: UntoldNote): Intent {
  const at = toTimestamp(deps.clock.now());
  if (nodeNote.notice !== undefined) return { ...nodeNote.notice, at };
  const key = deps
    .digest(JSON.stringify([topic.name, pool.name, nodeNote.about, node, nodeNote.since]))
    .slice(0, 16);
  return { key, begun: at, at };
}

async function post(
  { deps, topic }: Telling,
  where: NoticePlace & { readonly before: number },
  group: NoticeGroup,
): Promise<void> {
  const [{ nodeNote, pool, reason, node }, ...more] = group;
  const nodes = [node, ...more.map((each) => each.node)] as const;
  await deps.chat.notify(topic.notice(deps, group, { ...where, nodes: [...nodes] }));
  const fields = { pool: pool.name, nodes: nodes.join(' '), about: nodeNote.about, reason };
  deps.logger.warn(topic.told, fields);
}

async function conclude(telling: Telling, told: readonly UntoldNote[]): Promise<void> {
  const { deps, topic } = telling;
  await inParallel(told.map((one) => async () => topic.record?.(deps, one)));
  await noteAll(telling, told, (nodeNote) => ({ ...nodeNote, told: true }));
}

/** As it is stored now; undefined when another write was first. */
async function note(
  { deps, topic }: Telling,
  one: UntoldNote,
  change: (nodeNote: NodeNote) => NodeNote,
): Promise<UntoldNote | undefined> {
  const nodeNote = change(one.nodeNote);
  const answer = await deps.cluster.writeNote(one.node, one.nodeNote, nodeNote, topic.name);
  return answer === 'done' ? { ...one, nodeNote } : undefined;
}

async function noteAll(
  telling: Telling,
  group: readonly UntoldNote[],
  change: (nodeNote: NodeNote) => NodeNote,
): Promise<readonly UntoldNote[]> {
  const noted = new Map<string, UntoldNote>();
  const writes = group.map((one) => async (): Promise<void> => {
    const stored = await note(telling, one, change);
    if (stored !== undefined) noted.set(one.node, stored);
  });
  await inParallel(writes);
  return group.flatMap(({ node }) => noted.get(node) ?? []);
}

async function inParallel(work: readonly (() => Promise<void>)[]): Promise<void> {
  for (let from = 0; from < work.length; from += parallel)
    await Promise.all(work.slice(from, from + parallel).map((one) => one()));
}
