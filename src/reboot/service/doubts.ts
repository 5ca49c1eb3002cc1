import { isUnderWay } from '../claims.ts';
import { nextStep, type Sighting, sightingOf } from '../doubts.ts';
import { poolFinder } from '../pools.ts';
import type { PoolPolicy } from '../policy.ts';
import type { AgentView, Doubt, NodeView } from '../ports.ts';
import { readSignals, reportOf } from '../signals.ts';
import { toInstant, toTimestamp } from '../time.ts';
import type { ServiceDeps } from './deps.ts';

/** A node whose channel is to be told. */
interface Due {
  readonly node: string;
  readonly doubt: Doubt;
  readonly pool: PoolPolicy;
  readonly reason: string;
}

/** Writes under way at once: an agent that fails on every node must not hold up the scan. */
const parallel = 20;

/**
 * Tells of signals that cannot be read and of agents that are silent, once they have been so for longer than the pool allows: one message for all
 * nodes of a pool with the same trouble. Done at the scan, since what it waits for is the passing of time.
 */
export async function tellDoubts(deps: ServiceDeps): Promise<void> {
  const due: Due[] = [];
  const poolOf = poolFinder(deps.policy());
  const underWay = new Set(
    deps.store
      .all()
      .filter(isUnderWay)
      .map(({ node }) => node.name),
  );
  const looks = deps.cluster.nodes().map((node) => async (): Promise<void> => {
    const agent = deps.cluster.agent(node.name);
    if (agent === undefined) return;
    const found = await follow(deps, {
      node,
      agent,
      pool: poolOf(node),
      isUnderWay: underWay.has(node.name),
    });
    if (found !== undefined) due.push(found);
  });
  await inParallel(looks);
  for (const group of grouped(due)) await tell(deps, group);
}

interface Looked {
  readonly node: NodeView;
  readonly agent: AgentView;
  readonly pool: PoolPolicy | undefined;
  readonly isUnderWay: boolean;
}

async function follow(deps: ServiceDeps, looked: Looked): Promise<Due | undefined> {
  const { node, agent, pool } = looked;
  const now = deps.clock.now();
  const seen = sighting(looked, now);
  const step = nextStep(agent.doubt, seen, { now, limit: pool?.unknownFor ?? 0 });
  if (step.kind === 'write') await deps.cluster.noteDoubt(node.name, agent.doubt, step.next);
  if (step.kind !== 'tell' || pool === undefined || seen.kind !== 'doubt') return undefined;
  return { node: node.name, doubt: step.doubt, pool, reason: seen.reason };
}

/** While a Reboot is under way its own proof watches the agent. */
function sighting({ node, agent, pool, isUnderWay }: Looked, now: number): Sighting {
  if (!node.ready || isUnderWay || pool === undefined) return { kind: 'away' };
  const report = reportOf(node, agent);
  return sightingOf(agent, report !== undefined, readSignals(pool.signals, { node, report, now }));
}

/** One message for each: what an earlier attempt began stays together, or it could not be found again. */
function grouped(due: readonly Due[]): readonly (readonly [Due, ...Due[]])[] {
  const groups = new Map<string, [Due, ...Due[]]>();
  for (const one of due) {
    const key = JSON.stringify([one.pool.name, one.doubt.notice?.key ?? one.doubt.about.toSorted()]);
    const known = groups.get(key);
    if (known) known.push(one);
    else groups.set(key, [one]);
  }
  return [...groups.values()];
}

/** The intent is stored before the message, and the end after it: who is interrupted in between looks for it before posting again. */
async function tell(deps: ServiceDeps, group: readonly [Due, ...Due[]]): Promise<void> {
  const now = deps.clock.now();
  const [{ pool, doubt: first, reason }] = group;
  const at = toTimestamp(now);
  const names = group.map(({ node }) => node).join(' ');
  const key =
    first.notice?.key ?? deps.digest(`${pool.name} ${first.about.join(' ')} ${names} ${at}`).slice(0, 16);
  const notice = { key, begun: first.notice?.begun ?? at, at };
  const intended = await noteAll(deps, group, (doubt) => ({ ...doubt, notice }));
  const [one, ...more] = intended;
  if (one === undefined) return;
  const oldest = Math.min(...intended.map(({ doubt }) => toInstant(doubt.since)));
  await deps.chat.notify({
    key,
    cluster: deps.policy().cluster,
    channel: pool.channel,
    pool: pool.name,
    nodes: [one.node, ...more.map(({ node }) => node)],
    signals: first.about,
    reason,
    lasted: now - oldest,
    ...(first.notice === undefined ? {} : { begun: toInstant(first.notice.begun) }),
  });
  deps.logger.warn('told of nodes that cannot be read', {
    pool: pool.name,
    nodes: names,
    signals: first.about,
    reason,
  });
  await noteAll(deps, intended, (doubt) => ({ ...doubt, told: true }));
}

/** Those for which nobody else was faster, as they are stored now. */
async function noteAll(
  deps: ServiceDeps,
  group: readonly Due[],
  change: (doubt: Doubt) => Doubt,
): Promise<readonly Due[]> {
  const stored: Due[] = [];
  const writes = group.map((due) => async (): Promise<void> => {
    const doubt = change(due.doubt);
    const answer = await deps.cluster.noteDoubt(due.node, due.doubt, doubt);
    if (answer === 'done') stored.push({ ...due, doubt });
  });
  await inParallel(writes);
  return stored;
}

async function inParallel(work: readonly (() => Promise<void>)[]): Promise<void> {
  for (let from = 0; from < work.length; from += parallel)
    await Promise.all(work.slice(from, from + parallel).map((one) => one()));
}
