import type { Snapshot } from '../scheduling/snapshot.ts';
import { emptyLedger, type Turn } from '../scheduling/ledger.ts';
import { type Plan, plan } from '../scheduling/plan.ts';
import type { PackageWork } from '../nodes/node-report.ts';
import { reportOf } from '../signals/signals.ts';
import { matchesPool } from '../policy/pools.ts';
import { jobsWaitEnds } from '../state/jobs-wait.ts';
import type { PoolPolicy } from '../policy/policy.ts';
import type { StartQuestion } from '../ports/outside.ts';
import { PortError } from '../ports/port-error.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { apply, applyTo, fieldsOf, poolFor } from './apply.ts';
import { announce } from '../show/announce.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type Instant, toInstant } from '../ports/time.ts';
import { gateRetryInterval } from '../state/next-wake.ts';
import { baselineOf, renderWaiting } from './rollout-progress.ts';
import { releaseUnclaimed, restoreTurns, takeTurn } from './turns.ts';

export async function snapshotOf(deps: ServiceDeps, about?: Reboot): Promise<Snapshot> {
  const ledger = await readLedger(deps);
  const chatAwaySince = deps.chatAwaySince();
  const others = deps.store.all().filter((reboot) => reboot.name !== about?.name);
  return {
    nodes: deps.cluster.nodes(),
    reboots: about ? [...others, about] : others,
    ...ledger,
    unreadable: deps.store.unreadable(),
    heardAt: deps.cluster.heardAt(),
    pauses: deps.pauses.all(),
    packageWork: packageWorkIn(deps),
    ownNodes: deps.own().nodes,
    ...(chatAwaySince === undefined ? {} : { chatAwaySince }),
  };
}

/** Of the boot that runs. */
const packageWorkIn = (deps: ServiceDeps): ReadonlyMap<string, PackageWork> =>
  new Map(
    deps.cluster.nodes().flatMap((node) => {
      const work = reportOf(node, deps.cluster.agent(node.name))?.packageWork;
      return work === undefined ? [] : [[node.name, work] as const];
    }),
  );

/** A ledger that cannot be read holds every start back, and is told with them. */
async function readLedger({ ledger }: ServiceDeps): Promise<Pick<Snapshot, 'ledger' | 'ledgerProblem'>> {
  try {
    return { ledger: await ledger.read() };
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== 'ledger-unreadable') throw error;
    return { ledger: emptyLedger, ledgerProblem: error.message };
  }
}

export async function planNow(deps: ServiceDeps, about?: Reboot): Promise<Plan> {
  return plan(await snapshotOf(deps, about), deps.policy(), deps.clock.now());
}

/**
 * Starts an approved Reboot if the plan says so. The plan is made twice: on what the watches say, which is
 * cheap, and, for a Reboot that would start, on nodes read afresh, after the outside was asked. The turn is
 * then taken by compare-and-swap, with the limits checked in that very write.
 */
export async function startIfPlanned(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  if (!isIn(reboot, 'Approved')) return undefined;
  const snapshot = await snapshotOf(deps, withoutHold(reboot));
  if (!startsIn(deps, snapshot, reboot)) {
    // Taken before a crash, and much has changed since: whoever may not start does not keep others from it.
    if (holdsTurnIn(snapshot, reboot))
      await releaseUnclaimed(deps, turnNamed(reboot), (stored) => !isIn(stored, 'Approved'));
    return withoutWord(deps, reboot);
  }
  const asked = askedLately(deps, reboot) ? undefined : await askOutside(deps, reboot, snapshot);
  if (asked !== 'free') {
    // Taken before an error kept it from its start: who is held back does not keep others from theirs.
    if (
      holdsTurnIn(snapshot, reboot) &&
      (await releaseUnclaimed(deps, turnNamed(reboot), (stored) => !isIn(stored, 'Approved')))
    )
      await startNext(deps);
    return asked;
  }
  if (await restoreTurns(deps, snapshot.ledger)) {
    await deps.queue.reconcile(reboot.name);
    return undefined;
  }
  const fresh = await readAfresh(deps, snapshot, poolFor(deps, reboot));
  if (!startsIn(deps, fresh, reboot)) return withoutWord(deps, reboot);
  return (await takeTurn(deps, reboot, fresh)) ? begin(deps, reboot) : withoutWord(deps, reboot);
}

const turnNamed = ({ name, node }: Reboot): Pick<Turn, 'reboot' | 'node'> => ({
  reboot: name,
  node: node.name,
});

const holdsTurnIn = ({ ledger }: Snapshot, { name }: Reboot): boolean =>
  ledger.turns.some((turn) => turn.reboot === name);

/** What the outside said is of no interest while something else holds it back: it is asked anew. */
async function withoutWord(deps: ServiceDeps, reboot: In<'Approved'>): Promise<Reboot | undefined> {
  if (reboot.state.held === undefined) return undefined;
  const applied = await applyTo(deps, reboot, { type: 'held', blockers: [] });
  return applied === 'conflict' || applied.outcome !== 'saved' ? undefined : applied.reboot;
}

const startsIn = (deps: ServiceDeps, snapshot: Snapshot, { name }: Reboot): boolean =>
  plan(snapshot, deps.policy(), deps.clock.now()).starts.includes(name);

/**
 * For its own start what the outside said last time does not count: it is asked again. Others go on without
 * it meanwhile.
 */
function withoutHold(reboot: In<'Approved'>): Reboot {
  const { held: _, ...state } = reboot.state;
  return { ...reboot, state };
}

/**
 * An answer that changes each time it is given, such as "in 287 s", must not become a question without pause.
 */
function askedLately(deps: ServiceDeps, reboot: In<'Approved'>): boolean {
  const { state } = reboot;
  if (state.held === undefined || state.held.cleared !== undefined) return false;
  return deps.clock.now() - toInstant(state.held.at) < gateRetryInterval && !jobsWaitOver(deps, reboot);
}

/** Once: what is written then says of Jobs no more. */
function jobsWaitOver(deps: ServiceDeps, reboot: In<'Approved'>): boolean {
  const { jobs } = reboot.state;
  const now = deps.clock.now();
  return jobs?.since !== undefined && jobsWaitEnds(jobs, poolFor(deps, reboot), now) <= now;
}

/** What the outside is asked about a start; nothing where the node is gone. */
export function questionAbout(
  deps: ServiceDeps,
  reboot: In<'Approved'>,
  snapshot: Snapshot,
): StartQuestion | undefined {
  const node = snapshot.nodes.find(({ name }) => name === reboot.node.name);
  if (!node) return undefined;
  const before = baselineOf(deps, reboot, snapshot);
  const question = { pool: poolFor(deps, reboot), node, reboot };
  return before.length === 0 ? question : { ...question, before };
}

/**
 * Stores what is in the way, where the card and other replicas see it. What holds one node back must not hold
 * back the next.
 */
async function askOutside(
  deps: ServiceDeps,
  reboot: In<'Approved'>,
  snapshot: Snapshot,
): Promise<'free' | Reboot | undefined> {
  const question = questionAbout(deps, reboot, snapshot);
  if (!question) return undefined;
  const blockers = await deps.gatekeeper.ask(question);
  if (blockers.length === 0) return 'free';
  const applied = await applyTo(deps, reboot, { type: 'held', blockers });
  if (applied === 'conflict' || applied.outcome !== 'saved') return undefined;
  deps.logger.info('start held back', {
    ...fieldsOf(reboot),
    codes: blockers.map(({ code }) => code),
    why: blockers.map(({ sentence }) => sentence),
  });
  if (blockers.some(({ code }) => code === 'rollout-halted')) await renderWaiting(deps, applied.reboot);
  await startNext(deps);
  return applied.reboot;
}

async function readAfresh(deps: ServiceDeps, snapshot: Snapshot, pool: PoolPolicy): Promise<Snapshot> {
  const [members, pauses] = await Promise.all([deps.cluster.freshNodes(pool), deps.pauses.read()]);
  const others = snapshot.nodes.filter((node) => !matchesPool(pool, node));
  return { ...snapshot, nodes: [...others, ...members], pauses, heardAt: deps.clock.now() };
}

async function begin(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  const applied = await apply(deps, reboot.name, { type: 'turn-taken' });
  if (applied.outcome === 'saved' || applied.outcome === 'unchanged') {
    await announce(deps, applied.reboot);
    return applied.reboot;
  }
  // Cancelled or gone between the plan and here: the turn has no owner. Or another worker took it up long
  // ago, and the node is out by now.
  await releaseUnclaimed(deps, turnNamed(reboot));
  return undefined;
}

/**
 * A turn was freed: wake what the plan would start now, and at its time what waits for nothing else since
 * then.
 */
export async function startNext(deps: ServiceDeps): Promise<void> {
  const { starts, blocked } = await planNow(deps);
  for (const name of starts) await deps.queue.reconcile(name);
  for (const [name, at] of heldByTime(deps, blocked)) await deps.queue.reconcile(name, at);
}

/**
 * After a reboot a stage is watched, and reboots are apart: known only now. Of each pool no more than may
 * start at once.
 */
function heldByTime(deps: ServiceDeps, blocked: Plan['blocked']): readonly (readonly [string, Instant])[] {
  const { pools } = deps.policy();
  const room = new Map(pools.map((pool) => [pool.name, pool.concurrency]));
  const poolNames = new Map(deps.store.all().map(({ name, pool }) => [name, pool]));
  return [...blocked].flatMap(([name, blockers]) => {
    const times = blockers.flatMap(({ until }) => (until === undefined ? [] : [until]));
    const pool = poolNames.get(name) ?? '';
    const left = room.get(pool) ?? 0;
    if (times.length < blockers.length || left === 0) return [];
    room.set(pool, left - 1);
    return [[name, Math.max(...times)] as const];
  });
}

/**
 * Something that keeps reboots from starting came or went: those that may start now first, and the cards of
 * the others say what holds them.
 */
export async function wakeApproved(deps: ServiceDeps): Promise<void> {
  const { starts, blocked } = await planNow(deps);
  for (const name of [...starts, ...blocked.keys()]) await deps.queue.reconcile(name);
}
