/**
 * Tells of signals that cannot be read and of agents that are silent, once they have been so for longer than the pool allows.
 *
 * One message for the nodes of a pool whose doubts begin together, however many replicas scan at the same moment. The intent is stored before the
 * message and the end after it; both by compare-and-swap on the NodeAgents. The oldest doubt of a group is claimed first: the replica that loses
 * that write leaves the whole group alone, so that its nodes are never split between two messages.
 */
import { isUnderWay } from '../claims.ts';
import { nextStep, type Sighting, sightingOf } from '../doubts.ts';
import { dueNotices, type NoticeGroup, postWithin, type UntoldDoubt } from '../notices.ts';
import { poolFinder } from '../pools.ts';
import type { PoolPolicy } from '../policy.ts';
import type { AgentView, Doubt, NodeView, Notice, NoticePlace } from '../ports.ts';
import { readSignals, reportOf } from '../signals.ts';
import { toInstant, toTimestamp } from '../time.ts';
import type { ServiceDeps } from './deps.ts';

/** Writes under way at once: an agent that fails on every node must not hold up the scan. */
const parallel = 20;

type Intent = NonNullable<Doubt['notice']>;

/** Done at the scan, since what it waits for is the passing of time. */
export async function tellDoubts(deps: ServiceDeps): Promise<void> {
  const looked = lookAtAll(deps, (node) => deps.cluster.agent(node));
  await inParallel(looked.map((one) => () => follow(deps, one)));
  if (dueNotices(untoldOf(deps, looked), deps.clock.now()).length === 0) return;
  // Each replica's watch lags by its own time: the groups are made of what the API server says, so that all replicas make the same ones.
  const fresh = new Map((await deps.cluster.freshAgents()).map((agent) => [agent.node, agent]));
  const untold = untoldOf(
    deps,
    lookAtAll(deps, (node) => fresh.get(node)),
  );
  for (const group of dueNotices(untold, deps.clock.now())) await tell(deps, group);
}

interface Looked {
  readonly node: NodeView;
  readonly agent: AgentView;
  readonly pool: PoolPolicy | undefined;
  readonly seen: Sighting;
}

function lookAtAll(deps: ServiceDeps, agentOf: (node: string) => AgentView | undefined): readonly Looked[] {
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
    const seen: Sighting = isAway ? { kind: 'away' } : sighting(deps, { node, agent, pool });
    return [{ node, agent, pool, seen }];
  });
}

function sighting(
  deps: ServiceDeps,
  { node, agent, pool }: { readonly node: NodeView; readonly agent: AgentView; readonly pool: PoolPolicy },
): Sighting {
  const report = reportOf(node, agent);
  const readings = readSignals(pool.signals, { node, report, now: deps.clock.now() });
  return sightingOf(agent, report !== undefined, readings);
}

async function follow(deps: ServiceDeps, { node, agent, seen }: Looked): Promise<void> {
  const step = nextStep(agent.doubt, seen, deps.clock.now());
  if (step.kind === 'write') await deps.cluster.noteDoubt(node.name, agent.doubt, step.next);
}

const untoldOf = (deps: ServiceDeps, looked: readonly Looked[]): readonly UntoldDoubt[] =>
  looked.flatMap(({ node, agent, pool, seen }) => {
    const step = nextStep(agent.doubt, seen, deps.clock.now());
    if (step.kind !== 'untold' || pool === undefined || seen.kind !== 'doubt') return [];
    return [{ node: node.name, doubt: step.doubt, pool, reason: seen.reason }];
  });

async function tell(deps: ServiceDeps, [first, ...others]: NoticeGroup): Promise<void> {
  const earlier = first.doubt.notice;
  const intent = intentOf(deps, first);
  const claimed = await note(deps, first, (doubt) => ({ ...doubt, notice: intent }));
  if (claimed === undefined) return;
  const { cluster } = deps.policy();
  const place: NoticePlace = { key: intent.key, cluster, channel: first.pool.channel };
  const [begun, joining] = [others.filter(isBegun), others.filter((one) => !isBegun(one))];
  if (earlier !== undefined && (await deps.chat.hasNotice(place, toInstant(earlier.begun)))) {
    // Those that would have joined it are not in that message: they get one of their own.
    await conclude(deps, [claimed, ...begun]);
    return;
  }
  const joined = await noteAll(deps, joining, (doubt) => ({ ...doubt, notice: intent }));
  // All that may have taken long: somebody else may have claimed it meanwhile.
  const renewed = { ...intent, at: toTimestamp(deps.clock.now()) };
  const posting = await note(deps, claimed, (doubt) => ({ ...doubt, notice: renewed }));
  if (posting === undefined) return;
  const before = toInstant(renewed.at) + postWithin;
  await post(deps, { ...place, before }, [posting, ...begun, ...joined]);
  await conclude(deps, [posting, ...begun, ...joined]);
}

const isBegun = ({ doubt }: UntoldDoubt): boolean => doubt.notice !== undefined;

function intentOf(deps: ServiceDeps, { node, doubt, pool }: UntoldDoubt): Intent {
  const at = toTimestamp(deps.clock.now());
  if (doubt.notice !== undefined) return { ...doubt.notice, at };
  const key = deps.digest(JSON.stringify([pool.name, doubt.about, node, doubt.since])).slice(0, 16);
  return { key, begun: at, at };
}

async function post(
  deps: ServiceDeps,
  where: Pick<Notice, keyof NoticePlace | 'before'>,
  group: NoticeGroup,
): Promise<void> {
  const [{ doubt, pool, reason }] = group;
  const [one, ...more] = group.map(({ node }) => node);
  if (one === undefined) return;
  const oldest = Math.min(...group.map((each) => toInstant(each.doubt.since)));
  await deps.chat.notify({
    ...where,
    pool: pool.name,
    nodes: [one, ...more],
    signals: doubt.about,
    reason,
    lasted: deps.clock.now() - oldest,
  });
  deps.logger.warn('told of nodes that cannot be read', {
    pool: pool.name,
    nodes: [one, ...more].join(' '),
    signals: doubt.about,
    reason,
  });
}

async function conclude(deps: ServiceDeps, told: readonly UntoldDoubt[]): Promise<void> {
  await noteAll(deps, told, (doubt) => ({ ...doubt, told: true }));
}

/** As it is stored now; undefined when another write was first. */
async function note(
  deps: ServiceDeps,
  one: UntoldDoubt,
  change: (doubt: Doubt) => Doubt,
): Promise<UntoldDoubt | undefined> {
  const doubt = change(one.doubt);
  const answer = await deps.cluster.noteDoubt(one.node, one.doubt, doubt);
  return answer === 'done' ? { ...one, doubt } : undefined;
}

async function noteAll(
  deps: ServiceDeps,
  group: readonly UntoldDoubt[],
  change: (doubt: Doubt) => Doubt,
): Promise<readonly UntoldDoubt[]> {
  const noted = new Map<string, UntoldDoubt>();
  const writes = group.map((one) => async (): Promise<void> => {
    const stored = await note(deps, one, change);
    if (stored !== undefined) noted.set(one.node, stored);
  });
  await inParallel(writes);
  return group.flatMap(({ node }) => noted.get(node) ?? []);
}

async function inParallel(work: readonly (() => Promise<void>)[]): Promise<void> {
  for (let from = 0; from < work.length; from += parallel)
    await Promise.all(work.slice(from, from + parallel).map((one) => one()));
}
