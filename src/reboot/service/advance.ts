import { automaticApproval } from '../automatic.ts';
import { needOf } from '../packages.ts';
import type { Observation } from '../ports.ts';
import type { Reboot } from '../reboot.ts';
import { isIn } from '../reboot.ts';
import { readSignals, reportOf, verdictOf } from '../signals.ts';
import { type Instant, toInstant } from '../time.ts';
import type { RebootEvent } from '../transition/events.ts';
import { impactTtl, wakeAt } from '../wake.ts';
import { type Applied, apply, applyTo, fieldsOf, poolFor } from './apply.ts';
import type { ServiceDeps } from './deps.ts';
import { announce } from './announce.ts';
import { carryOut } from './effects.ts';
import { giveUpTurn } from './give-up-turn.ts';
import { planNow, startIfPlanned, startNext } from './start.ts';

/** One Reboot goes from approval to its drain in a handful of steps; more in a row than this is a fault of ours. */
const mostSteps = 12;

/**
 * Advances a Reboot by what can be done now: looks at the node, applies what it sees, carries out what the state owes, and goes on until
 * nothing changes. Level-triggered: it does not matter what woke it, nor how often, nor after which crash.
 */
export async function advance(deps: ServiceDeps, name: string): Promise<void> {
  for (let step = 0; step < mostSteps; step += 1) {
    const reboot = await deps.store.get(name);
    if (!reboot) return;
    const before = reboot.version;
    const after = await oneStep(deps, reboot);
    if (after === 'again') continue;
    if (after.version === before) {
      await settleDown(deps, after);
      return;
    }
  }
  deps.logger.warn('reboot does not come to rest', { reboot: name, steps: mostSteps });
  await deps.queue.advance(name, deps.clock.now() + 1000);
}

/** Nothing more can be done now: show it, and say when to come back. */
async function settleDown(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  await deps.queue.render(reboot.name);
  const wakes = [wakeAt(reboot, poolFor(deps, reboot), deps.clock.now()), await clearsAt(deps, reboot)];
  const wake = Math.min(...wakes.filter((each) => each !== undefined));
  if (Number.isFinite(wake)) await deps.queue.advance(reboot.name, wake);
}

/** When the first of the things that hold an approved Reboot back ends by itself: a pause, a window that is closed. */
async function clearsAt(deps: ServiceDeps, reboot: Reboot): Promise<Instant | undefined> {
  if (!isIn(reboot, 'Approved')) return undefined;
  const { blocked } = await planNow(deps, reboot);
  const times = (blocked.get(reboot.name) ?? []).flatMap(({ until }) => (until === undefined ? [] : [until]));
  return times.length === 0 ? undefined : Math.max(deps.clock.now(), Math.min(...times));
}

async function oneStep(deps: ServiceDeps, found: Reboot): Promise<Reboot | 'again'> {
  const observation = await deps.cluster.observe(found.node.name, { daemonPods: isIn(found, 'Settling') });
  const observed = await applyTo(deps, found, observedEvent(deps, found, observation));
  const reboot = survivor(observed);
  if (reboot === undefined) return 'again';
  // Success is told when the node is back at work, not a moment before.
  if (reboot.state.phase !== found.state.phase && !isIn(reboot, 'Succeeded')) await announce(deps, reboot);
  const events = await carryOut(deps, reboot);
  if (events.length > 0) return applyAll(deps, reboot, events);
  return (
    (await giveUpTurn(deps, reboot)) ??
    (await decideByRule(deps, reboot)) ??
    (await assessIfStale(deps, reboot)) ??
    (await startIfPlanned(deps, reboot)) ??
    reboot
  );
}

const survivor = (applied: Applied | 'conflict'): Reboot | undefined =>
  applied === 'conflict' || applied.outcome === 'gone' ? undefined : applied.reboot;

function observedEvent(deps: ServiceDeps, reboot: Reboot, observation: Observation): RebootEvent {
  const { node, agent } = observation;
  const now = deps.clock.now();
  const report = node?.bootId === reboot.bootId ? reportOf(node, agent) : undefined;
  if (node === undefined || report === undefined) return { type: 'observed', observation };
  const pool = poolFor(deps, reboot);
  const readings = readSignals(pool.signals, { node, report, now });
  // What a person asks for is as much bound to the packages that they saw.
  const asks = verdictOf(readings) === 'yes' || reboot.need.person !== undefined;
  if (!asks || pool.gone) return { type: 'observed', observation };
  return { type: 'observed', observation, need: needOf(report, deps.digest, now, readings) };
}

async function applyAll(
  deps: ServiceDeps,
  reboot: Reboot,
  events: readonly RebootEvent[],
): Promise<Reboot | 'again'> {
  let current = reboot;
  for (const event of events) {
    const applied = await apply(deps, reboot.name, event);
    if (applied.outcome === 'gone') return 'again';
    current = applied.reboot;
    // What an ended reboot held is free now: whoever waits for it starts at once, not at the next scan.
    if (event.type !== 'tidied' || applied.outcome !== 'saved') continue;
    await startNext(deps);
    if (isIn(current, 'Succeeded')) await announce(deps, current);
  }
  return current;
}

/** The rule of the pool decides in the name of the window, where nobody objected. */
async function decideByRule(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  const now = deps.clock.now();
  const due = automaticApproval(reboot, poolFor(deps, reboot), now);
  if (!due || due.at > now) return undefined;
  const mode = due.by.kind === 'window' ? 'window' : 'now';
  const applied = await applyTo(deps, reboot, {
    type: 'approved',
    by: due.by,
    mode,
    digest: reboot.need.digest,
  });
  const next = survivor(applied);
  if (next && next !== reboot) {
    deps.logger.info('approved by rule', { ...fieldsOf(next), rule: due.by.kind });
    await announce(deps, next);
  }
  return next === reboot ? undefined : next;
}

/** What the reboot would disturb is shown before anybody decides; a card without it is better than no card. */
async function assessIfStale(deps: ServiceDeps, reboot: Reboot): Promise<Reboot | undefined> {
  if (!isIn(reboot, 'Pending', 'Snoozed')) return undefined;
  const age =
    reboot.impact === undefined ? Number.POSITIVE_INFINITY : deps.clock.now() - toInstant(reboot.impact.at);
  if (age < impactTtl) return undefined;
  try {
    const impact = await deps.cluster.assess(reboot.node.name, poolFor(deps, reboot).drain);
    const applied = await applyTo(deps, reboot, { type: 'assessed', impact });
    return survivor(applied);
  } catch (error) {
    deps.logger.warn('impact cannot be assessed', { ...fieldsOf(reboot), err: error });
    return undefined;
  }
}
