import { haltsRollout } from '../scheduling/blockers/blocker-facts.ts';
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { emptyLedger, type Turn } from '../scheduling/snapshot/ledger.ts';
import { type Plan, plan } from '../scheduling/plan/plan.ts';
import type { PackageWork } from '../nodes/node-report.ts';
import { reportOf } from '../signals/signals.ts';
import { matchesPool } from '../policy/pools.ts';
import { jobsWaitEnds } from '../deadlines/jobs-wait.ts';
import type { StartQuestion } from '../ports/outside.ts';
import { PortError } from '../ports/port-error.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { type Applied, apply, applyTo, fieldsOf, poolFor } from '../loop/apply.ts';
import { observedEvent, passOn } from '../loop/observed.ts';
import type { Observation } from '../nodes/observation.ts';
import { announce } from '../show/announce.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { type Instant, toInstant } from '../time/time.ts';
import { gateCheck, planBlockers, withBlockers } from '../state/stored-blockers.ts';
import { gateRetryInterval } from '../deadlines/next-wake.ts';
import { baselineOf, renderWaiting } from './rollout-progress.ts';
import { releaseUnclaimed, restoreTurns, takeTurn } from './turns.ts';

/**
 * The `latest` ledger will do for words, and for a start: what it lacks is found by the compare-and-swap that
 * takes the turn, and what it has too much holds the start back.
 */
export async function snapshotOf(
  deps: ServiceDeps,
  about?: Reboot,
  source: 'read' | 'latest' = 'read',
): Promise<Snapshot> {
  const ledger = await readLedger(deps, source);
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

/** By node: running package managers, from reports on the current boot. */
const packageWorkIn = (deps: ServiceDeps): ReadonlyMap<string, PackageWork> =>
  new Map(
    deps.cluster.nodes().flatMap((node) => {
      const work = reportOf(node, deps.cluster.agent(node.name))?.packageWork;
      return work === undefined ? [] : [[node.name, work] as const];
    }),
  );

/** A ledger that cannot be read blocks every start, and becomes their blocker. */
async function readLedger(
  { ledger }: ServiceDeps,
  source: 'read' | 'latest',
): Promise<Pick<Snapshot, 'ledger' | 'ledgerProblem'>> {
  try {
    return { ledger: await ledger[source]() };
  } catch (error) {
    if (!(error instanceof PortError) || error.code !== 'ledger-unreadable') throw error;
    return { ledger: emptyLedger, ledgerProblem: error.message };
  }
}

export async function planNow(deps: ServiceDeps, about?: Reboot): Promise<Plan> {
  return plan(await snapshotOf(deps, about), deps.policy(), deps.clock.now());
}

/** For words, and right after a write of the ledger: it is as this process has seen it last. */
export async function latestPlan(deps: ServiceDeps, about?: Reboot): Promise<Plan> {
  return plan(await snapshotOf(deps, about, 'latest'), deps.policy(), deps.clock.now());
}

/**
 * Starts an approved Reboot if the plan allows it. The plan is made twice: first from the watches, which is
 * cheap; then, for a Reboot that would start, on freshly read nodes after the gate checks. The turn is then
 * taken by compare-and-swap, with the limits checked in the same write.
 */
export async function startIfPlanned(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  if (!isIn(reboot, 'Approved')) return undefined;
  const snapshot = await snapshotOf(deps, withoutHeld(reboot), 'latest');
  if (!startsIn(deps, snapshot, reboot)) {
    // The turn was taken before a crash. A Reboot that may not start now must not keep it.
    await releaseUnused(deps, snapshot, reboot);
    return clearHeld(deps, reboot);
  }
  const checked = isCheckRecent(deps, reboot) ? undefined : await checkGates(deps, reboot, snapshot);
  if (checked !== 'free') {
    // The turn was taken before an error prevented the start. A blocked Reboot must not keep it.
    await releaseUnused(deps, snapshot, reboot);
    return checked;
  }
  if (await restoreTurns(deps, snapshot.ledger)) {
    await deps.queue.reconcile(reboot.name, deps.clock.now(), 'start');
    return undefined;
  }
  const fresh = await withFreshNodes(deps, snapshot, reboot);
  if (!startsIn(deps, fresh, reboot)) return clearHeld(deps, reboot);
  const observation = await observeAnew(deps, reboot, fresh);
  const seen = await applyTo(deps, reboot, observedEvent(deps, reboot, observation));
  if (seen === 'conflict' || seen.outcome !== 'unchanged') return announceChange(deps, reboot, seen);
  return (await takeTurn(deps, reboot, fresh)) ? begin(deps, reboot, observation) : clearHeld(deps, reboot);
}

/** A decision is bound to the packages, and the watch may not show yet that they have changed. */
function observeAnew(
  deps: ServiceDeps,
  { node: { name } }: Reboot,
  { nodes }: Snapshot,
): Promise<Observation> {
  const node = nodes.find((each) => each.name === name);
  return deps.cluster.observe(name, { daemonPods: false, ...(node === undefined ? {} : { node }) });
}

async function announceChange(
  deps: ServiceDeps,
  before: Reboot,
  seen: Applied | 'conflict',
): Promise<Reboot | undefined> {
  if (seen === 'conflict' || seen.outcome !== 'saved') return undefined;
  if (seen.reboot.state.phase !== before.state.phase) await announce(deps, seen.reboot);
  return seen.reboot;
}

const turnOf = ({ name, node }: Reboot): Pick<Turn, 'reboot' | 'node'> => ({
  reboot: name,
  node: node.name,
});

const holdsTurnIn = ({ ledger }: Snapshot, { name }: Reboot): boolean =>
  ledger.turns.some((turn) => turn.reboot === name);

async function releaseUnused(deps: ServiceDeps, snapshot: Snapshot, reboot: Reboot): Promise<void> {
  const hasStarted = (stored: Reboot): boolean => !isIn(stored, 'Approved');
  if (!holdsTurnIn(snapshot, reboot)) return;
  if (await releaseUnclaimed(deps, turnOf(reboot), hasStarted)) await startNext(deps);
}

/** Clears stored gate blockers while something else blocks the Reboot: the gates are checked again later. */
async function clearHeld(deps: ServiceDeps, reboot: In<'Approved'>): Promise<Reboot | undefined> {
  if (gateCheck(reboot.state) === undefined) return undefined;
  const applied = await applyTo(deps, reboot, { type: 'blocked', by: 'gatekeeper', blockers: [] });
  return applied === 'conflict' || applied.outcome !== 'saved' ? undefined : applied.reboot;
}

const startsIn = (deps: ServiceDeps, snapshot: Snapshot, { name }: Reboot): boolean =>
  plan(snapshot, deps.policy(), deps.clock.now()).starts.includes(name);

/**
 * The Reboot without its stored gate blockers: for its own start the gates are checked again. Other Reboots
 * start without it meanwhile.
 */
function withoutHeld(reboot: In<'Approved'>): Reboot {
  return { ...reboot, state: withBlockers(reboot.state, planBlockers(reboot.state)) };
}

/**
 * Limits the rate of gate checks: an answer that changes each time, such as "in 287 s", changes the Reboot
 * and would trigger the next check at once.
 */
function isCheckRecent(deps: ServiceDeps, reboot: In<'Approved'>): boolean {
  const check = gateCheck(reboot.state);
  if (check === undefined || check.cleared !== undefined) return false;
  return deps.clock.now() - toInstant(check.at) < gateRetryInterval && !jobsWaitOver(deps, reboot);
}

/** True once: after the next check Jobs no longer block, which clears `jobs.since`. */
function jobsWaitOver(deps: ServiceDeps, reboot: In<'Approved'>): boolean {
  const { jobs } = reboot.state;
  const now = deps.clock.now();
  return jobs?.since !== undefined && jobsWaitEnds(jobs, poolFor(deps, reboot), now) <= now;
}

/** The input of the gate checks for a start; undefined where the node is gone. */
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
 * Checks the gates. Blockers are stored, for the card and for other replicas, and the next Reboot may start
 * instead of this one.
 */
async function checkGates(
  deps: ServiceDeps,
  reboot: In<'Approved'>,
  snapshot: Snapshot,
): Promise<'free' | Reboot | undefined> {
  const question = questionAbout(deps, reboot, snapshot);
  if (!question) return undefined;
  const blockers = await deps.gatekeeper.ask(question);
  if (blockers.length === 0) return 'free';
  const applied = await applyTo(deps, reboot, { type: 'blocked', by: 'gatekeeper', blockers });
  if (applied === 'conflict' || applied.outcome !== 'saved') return undefined;
  deps.logger.info('start held back', {
    ...fieldsOf(reboot),
    codes: blockers.map(({ code }) => code),
    why: blockers.map(({ sentence }) => sentence),
  });
  if (blockers.some(({ code }) => haltsRollout.has(code))) await renderWaiting(deps, applied.reboot);
  await startNext(deps);
  return applied.reboot;
}

async function withFreshNodes(deps: ServiceDeps, snapshot: Snapshot, reboot: Reboot): Promise<Snapshot> {
  const pool = poolFor(deps, reboot);
  const [members, pauses] = await Promise.all([
    deps.cluster.freshNodes(pool, reboot.node.name),
    deps.pauses.read(),
  ]);
  const others = snapshot.nodes.filter((node) => !matchesPool(pool, node));
  return { ...snapshot, nodes: [...others, ...members], pauses, heardAt: deps.clock.now() };
}

async function begin(
  deps: ServiceDeps,
  reboot: Reboot,
  observation: Observation,
): Promise<Reboot | undefined> {
  const applied = await apply(deps, reboot.name, { type: 'turn-taken' });
  if (applied.outcome === 'saved' || applied.outcome === 'unchanged') {
    passOn(deps, applied.reboot, { observation, fresh: true });
    await announce(deps, applied.reboot);
    return applied.reboot;
  }
  // Cancelled or deleted since the plan, so the turn has no owner; or another worker has started it, and the
  // node is already out of service.
  const released = await releaseUnclaimed(deps, turnOf(reboot));
  // A deleted Reboot that the watch still shows as Approved would be woken again and again.
  if (released && applied.outcome === 'rejected') await startNext(deps);
  return undefined;
}

/**
 * A turn was released: wakes the Reboots that may start now, and schedules those that only wait for a time
 * that is now known.
 */
export async function startNext(deps: ServiceDeps, planned = planNow): Promise<void> {
  const { starts, blocked } = await planned(deps);
  const now = deps.clock.now();
  for (const name of starts) await deps.queue.reconcile(name, now, 'start');
  for (const [name, at] of timedWakeUps(deps, blocked)) await deps.queue.reconcile(name, at, 'start');
}

/**
 * Reboots that wait only for known times, such as the bake time or the spacing after a reboot. Per pool, no
 * more than may start at once.
 */
function timedWakeUps(deps: ServiceDeps, blocked: Plan['blocked']): readonly (readonly [string, Instant])[] {
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
 * A pause or another gate was added or removed: wakes the Reboots that may start now, then the others, whose
 * cards show their blockers.
 */
export async function wakeApproved(deps: ServiceDeps): Promise<void> {
  const { starts, blocked } = await planNow(deps);
  const now = deps.clock.now();
  for (const name of [...starts, ...blocked.keys()]) await deps.queue.reconcile(name, now, 'start');
}
