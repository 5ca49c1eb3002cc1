/** How an observation of the node, or the passing of time, changes a Reboot. */
import type { NodeView } from '../../nodes/node-view.ts';
import type { Observation } from '../../nodes/observation.ts';
import { labelsWaiting, pendingHook, waitOf } from '../../deadlines/hook-waits.ts';
import { owesCleanUp } from '../../state/clean-up.ts';
import { packageDiff } from '../../signals/packages.ts';
import { isControlPlane } from '../../policy/pools.ts';
import { zoneLabel } from '../../nodes/node-contract.ts';
import type { Decision } from '../../state/decision.ts';
import { type In, type NodeFacts, type Reboot, type Superseded, isIn } from '../../state/reboot.ts';
import type { Need } from '../../state/need.ts';
import { readSignals, reportOf, verdictOf } from '../../signals/signals.ts';
import { inWords, toInstant, toTimestamp } from '../../time/time.ts';
import {
  changed,
  type Context,
  enter,
  remember,
  type RebootEvent,
  type Step,
  unchanged,
  withoutCleanUp,
} from '../events/events.ts';
import { observeRebooting, observeSettling, toSettling } from './observe-boot.ts';
import { waited } from './drained.ts';
import { withoutHook } from './hook.ts';
import { askAgainAt } from '../../approval/asks-again.ts';
import { expiresAt } from '../../approval/expiry.ts';
import { lapsed } from '../decisions/lapse.ts';
import { keepPerson } from '../../signals/asked-by-person.ts';
import { drainFailed, isOutlasted, undoDrain } from './undo.ts';

type Observed = Extract<RebootEvent, { type: 'observed' }>;

const ended = (reboot: Reboot): boolean => isIn(reboot, 'Succeeded', 'GivenUp', 'Cancelled', 'Superseded');

export function observe(reboot: Reboot, event: Observed, context: Context): Step {
  if (ended(reboot)) return reopen(reboot, event, context);
  const { node } = event.observation;
  if (!node) return supersede(reboot, 'node-gone', context);
  if (node.uid !== reboot.node.uid) return supersede(reboot, 'node-replaced', context);
  const current = withFacts(reboot, node);
  // A kubelet that has not written its first status has an empty boot ID.
  const booted = node.bootId !== reboot.bootId && (node.bootId !== '' || isIn(reboot, 'Settling'));
  if (booted) return afterBoot(current, node, event.observation, context);
  return sameBoot(current, event, node, context);
}

/** The need had gone, and returned in the same boot. The Reboot is pending again. */
function reopen(reboot: Reboot, { observation, need }: Observed, { now }: Context): Step {
  const { node } = observation;
  const sameBoot = node?.uid === reboot.node.uid && node.bootId === reboot.bootId;
  const over =
    isIn(reboot, 'Superseded') && reboot.state.why === 'no-longer-required' && !owesCleanUp(reboot);
  if (!over || !sameBoot || need === undefined) return unchanged(reboot);
  const asked = { phase: 'Pending', since: toTimestamp(now), approvals: [] } as const;
  return enter(reboot, asked, { need, history: remember(reboot, { what: 'asked-again' }, now) });
}

/** Updates the facts that are shown. `bootedAt` belongs to the boot to end, and is kept. */
function withFacts(reboot: Reboot, node: NodeView): Reboot {
  const zone = node.labels[zoneLabel];
  const facts: NodeFacts = {
    osImage: node.osImage,
    controlPlane: isControlPlane(node),
    ...(zone === undefined ? {} : { zone }),
    ...(reboot.facts.bootedAt === undefined ? {} : { bootedAt: reboot.facts.bootedAt }),
  };
  const same =
    facts.osImage === reboot.facts.osImage &&
    facts.controlPlane === reboot.facts.controlPlane &&
    facts.zone === reboot.facts.zone;
  return same ? reboot : { ...reboot, facts };
}

function supersede(reboot: Reboot, why: Superseded['why'], { now, pool }: Context): Step {
  const untouched = isIn(reboot, 'Pending', 'Snoozed', 'Denied') && !labelsWaiting(pool.hooks);
  const since = toTimestamp(now);
  const step = enter(reboot, { phase: 'Superseded', since, why, from: reboot.state.phase });
  return step.ok && untouched ? unchanged(withoutCleanUp(step.reboot)) : step;
}

function afterBoot(reboot: Reboot, node: NodeView, observation: Observation, context: Context): Step {
  if (isIn(reboot, 'Rebooting')) return toSettling(reboot, { ...observation, node }, context);
  if (isIn(reboot, 'Settling')) return observeSettling(reboot, observation, context);
  if (!isIn(reboot, 'Failed')) return supersede(reboot, 'booted', context);
  const { from } = reboot.state;
  // The node came back from our order after the deadline. The proof continues.
  if (from.phase === 'Rebooting')
    return toSettling({ ...reboot, state: from }, { ...observation, node }, context);
  return from.phase === 'Draining' ? supersede(reboot, 'booted', context) : unchanged(reboot);
}

function sameBoot(reboot: Reboot, event: Observed, node: NodeView, context: Context): Step {
  if (isIn(reboot, 'Rebooting')) return observeRebooting(reboot, event.observation, context);
  if (isIn(reboot, 'Draining')) return draining(reboot, event, node, context);
  if (isIn(reboot, 'Settling')) return unchanged(reboot);
  if (isIn(reboot, 'Undoing')) return undoing(reboot, event, context);
  if (isIn(reboot, 'Failed')) return updateNeed(reboot, event.need);
  if (noLongerRequired(reboot, event.observation, context))
    return supersede(reboot, 'no-longer-required', context);
  if (isIn(reboot, 'Approved') && isExpired(reboot, context)) return expire(reboot, context);
  if (isIn(reboot, 'Snoozed') && toInstant(reboot.state.until) <= context.now) {
    const asked = { phase: 'Pending', since: toTimestamp(context.now), approvals: [] } as const;
    return withNeed({ ...reboot, state: asked }, event.need, context);
  }
  if (isIn(reboot, 'Denied') && context.now >= (askAgainAt(reboot.state, context.pool) ?? Infinity))
    return askedByTime(reboot, event.need, context);
  return withNeed(reboot, event.need, context);
}

/** The pool limits how long a denial holds. */
function askedByTime(reboot: In<'Denied'>, need: Need | undefined, context: Context): Step {
  const reason = `It was denied ${inWords(context.pool.askAgainAfter)} ago.`;
  const history = remember(reboot, { what: 'asked-again', reason }, context.now);
  const asked = { phase: 'Pending', since: toTimestamp(context.now), approvals: [] } as const;
  return enter(reboot, asked, {
    history,
    need: need === undefined ? reboot.need : { ...keepPerson(need, reboot.need), since: reboot.need.since },
  });
}

const isExpired = ({ state }: In<'Approved'>, { pool, now }: Context): boolean =>
  now >= (expiresAt(state, pool) ?? Number.POSITIVE_INFINITY);

/** The long wait may have changed what people would decide, so a new decision is needed. */
function expire(reboot: In<'Approved'>, context: Context): Step {
  const why = { why: 'expired', added: [], removed: [], before: reboot.state.decision } as const;
  const reason = `It had not started ${inWords(context.pool.approvalExpires)} after it could have.`;
  return lapsed(reboot, why, context, { entry: { reason, digest: reboot.need.digest } });
}

/** Every signal of the pool says no. An unreadable signal may still require the reboot. */
function noLongerRequired(reboot: Reboot, { node, agent }: Observation, { pool, now }: Context): boolean {
  // A pool that is missing in the configuration has no signals to rely on, for example while it is renamed.
  if (reboot.need.person !== undefined || pool.gone) return false;
  const report = node?.bootId === reboot.bootId ? reportOf(node, agent) : undefined;
  if (node === undefined || report === undefined) return false;
  return verdictOf(readSignals(pool.signals, { node, report, now })) === 'no';
}

function draining(reboot: In<'Draining'>, event: Observed, node: NodeView, context: Context): Step {
  if (noLongerRequired(reboot, event.observation, context))
    return supersede(reboot, 'no-longer-required', context);
  if (reboot.state.cordon !== undefined && !node.unschedulable) {
    const sentence = 'Somebody uncordoned the node while it was being drained. The drain was stopped.';
    return drainFailed(reboot, { code: 'uncordoned-by-other', sentence }, context);
  }
  if (isOutlasted(reboot, context.pool, context.now)) return undoDrain(reboot, 'window-closed', context);
  // No drain runs during a wait. The deadline is that of the drain.
  if (waitOf(reboot.state)) return waited(reboot, reboot.state, context);
  if (pendingHook(reboot.state)) return withoutHook(reboot, context);
  const late = context.now - toInstant(reboot.state.deadline);
  if (late < drainOverrun || reboot.state.force !== undefined || context.pool.drain.onTimeout === 'force')
    return unchanged(reboot);
  const sentence =
    reboot.state.cordon === undefined
      ? 'The node could not be cordoned, or given the labels of its pool, in time. The log says why.'
      : 'The drain did not end in time.';
  return drainFailed(reboot, { code: 'drain-timeout', sentence }, context);
}

/**
 * The drain watches its own deadline and reports what blocked it. This is the grace after which a drain that
 * no worker runs has failed.
 */
const drainOverrun = 60_000;

/** A change of the packages is compared after the node has been restored. */
const undoing = (reboot: In<'Undoing'>, { observation }: Observed, context: Context): Step =>
  noLongerRequired(reboot, observation, context)
    ? supersede(reboot, 'no-longer-required', context)
    : unchanged(reboot);

function withNeed(reboot: Reboot, seen: Need | undefined, context: Context): Step {
  const need = seen && keepPerson(seen, reboot.need);
  if (need === undefined || sameNeed(need, reboot.need)) return unchanged(reboot);
  // `since` is that of the first need in a boot. Further packages do not change it.
  const fresh = { ...need, since: reboot.need.since };
  if (need.riskDigest === reboot.need.riskDigest) return changed(reboot, { need: fresh });
  if (isIn(reboot, 'Approved')) return lapse(reboot, reboot.state.decision, fresh, context);
  if (isIn(reboot, 'Pending') && reboot.state.approvals.length > 0) {
    const { approvals } = reboot.state;
    const { digest, riskDigest } = reboot.need;
    return lapse(
      reboot,
      { mode: 'now', at: toTimestamp(context.now), digest, riskDigest, approvals },
      fresh,
      context,
    );
  }
  if (isIn(reboot, 'Denied')) return lapse(reboot, undefined, fresh, context);
  return changed(reboot, { need: fresh });
}

/**
 * A decision is bound to the packages. The names of signals are shown and may change alone. Their reasons may
 * change all the time, and do not count.
 */
const sameNeed = (one: Need, other: Need): boolean =>
  one.digest === other.digest && (other.askedBy === undefined || namesIn(one) === namesIn(other));

const namesIn = ({ askedBy = [] }: Need): string => askedBy.map(({ name }) => name).join(' ');

/** No decision is open here, but the card has to show the need that a retry would serve. */
function updateNeed(reboot: In<'Failed'>, seen: Need | undefined): Step {
  const need = seen && keepPerson(seen, reboot.need);
  if (need === undefined || sameNeed(need, reboot.need)) return unchanged(reboot);
  return changed(reboot, { need: { ...need, since: reboot.need.since } });
}

/** The decision was bound to other packages. It lapses, and the card shows the difference. */
const lapse = (reboot: Reboot, before: Decision | undefined, need: Need, context: Context): Step =>
  lapsed(
    reboot,
    { ...packageDiff(reboot.need, need), ...(before === undefined ? {} : { before }) },
    context,
    { changes: { need }, entry: { digest: reboot.need.digest } },
  );
