/** The blockers of any Reboot, including those that the plan does not consider yet. Pure. */
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { Snapshot } from '../scheduling/snapshot/snapshot.ts';
import { type Plan, plan } from '../scheduling/plan/plan.ts';
import { askAgainAt } from '../approval/asks-again.ts';
import { type AutomaticApproval, automaticApproval } from '../approval/automatic-approval.ts';
import { approvalsNeeded, poolNamed } from '../policy/pools.ts';
import type { Policy, PoolPolicy } from '../policy/policy.ts';
import { type In, isIn, type Reboot } from '../state/reboot.ts';
import { type Principal } from '../state/decision.ts';
import { beyondRule } from '../approval/rule-limits.ts';
import { type Instant, toInstant, toTimestamp } from '../time/time.ts';
import { decidedBy, nameOf } from '../words/words.ts';

/** A plan, and what it was made from. */
interface Planned extends Plan {
  readonly snapshot: Snapshot;
  readonly policy: Policy;
}

export function whyNot(
  reboot: Reboot,
  { blocked, snapshot, policy }: Planned,
  now: Instant,
): readonly Blocker[] {
  if (isIn(reboot, 'Approved')) return blocked.get(reboot.name) ?? [];
  if (isIn(reboot, 'Pending'))
    return [...undecided(reboot, policy, now), ...onceApproved(reboot, snapshot, policy, now)];
  if (isIn(reboot, 'Snoozed')) return [snoozed(reboot)];
  if (isIn(reboot, 'Denied')) return [denied(reboot, poolNamed(policy, reboot.pool))];
  if (isIn(reboot, 'Failed', 'GivenUp')) return [failed(reboot)];
  return [];
}

function undecided(reboot: In<'Pending'>, policy: Policy, now: Instant): readonly Blocker[] {
  const { approvals, lapse } = reboot.state;
  const pool = poolNamed(policy, reboot.pool);
  const needed = pool ? approvalsNeeded(pool, reboot.facts) : 1;
  const given = approvals.map(({ by }) => nameOf(by)).join(' and ');
  const missing = needed - approvals.length;
  const automatic = pool && automaticApproval(reboot, pool, now);
  const blockers: Blocker[] = [];
  if (lapse)
    blockers.push({
      code: 'decision-lapsed',
      sentence:
        lapse.why === 'moved'
          ? `What was decided lapsed, because its node moved from pool ${lapse.fromPool ?? 'of old'} to pool ${reboot.pool}.`
          : lapse.why === 'expired'
            ? 'Its approval expired: it could not start for too long.'
            : `What was decided lapsed, because the packages changed${difference(lapse)}.`,
      clears: 'Decide again on its card.',
    });
  const beyond = pool && pool.approval !== 'manual' ? beyondRule(reboot.need, pool) : undefined;
  const progress =
    given === ''
      ? `It needs ${missing} ${missing === 1 ? 'approval' : 'approvals'}: 0 of ${needed} so far.`
      : `It needs ${missing} more, beside ${given}: ${approvals.length} of ${needed}.`;
  blockers.push({
    code: 'approvals-missing',
    sentence: beyond === undefined ? progress : `${progress} ${beyond}`,
    clears: whoApproves(pool, automatic),
    ...(automatic ? { until: automatic.at } : {}),
  });
  return blockers;
}

function whoApproves(pool: PoolPolicy | undefined, automatic: AutomaticApproval | undefined): string {
  const rule = 'nless somebody objects, the rule approves it by itself.';
  if (pool?.approvers.kind !== 'nobody')
    return automatic ? `Approve it on its card; u${rule}` : 'Approve it on its card.';
  return automatic
    ? `U${rule}`
    : `It can be approved once the configuration names approvers of pool ${pool.name}.`;
}

function difference({ added, removed }: { added: readonly string[]; removed: readonly string[] }): string {
  const parts = [
    ...(added.length === 0 ? [] : [`new: ${added.slice(0, 5).join(', ')}`]),
    ...(removed.length === 0 ? [] : [`gone: ${removed.slice(0, 5).join(', ')}`]),
  ];
  return parts.length === 0 ? '' : ` (${parts.join('; ')})`;
}

/** The blockers that it would have if it were approved now. */
function onceApproved(
  reboot: In<'Pending'>,
  snapshot: Snapshot,
  policy: Policy,
  now: Instant,
): readonly Blocker[] {
  const approved = asIfApproved(reboot, policy, now);
  const others = snapshot.reboots.filter(({ name }) => name !== reboot.name);
  return plan({ ...snapshot, reboots: [...others, approved] }, policy, now).blocked.get(reboot.name) ?? [];
}

const somebody: Principal = { kind: 'user', id: '', name: 'somebody' };

/**
 * As if approved by the rule where one will approve it, since some gates treat approval by a rule
 * differently; else by a person.
 */
export function asIfApproved(reboot: In<'Pending'>, policy: Policy, now: Instant): In<'Approved'> {
  const { digest, riskDigest } = reboot.need;
  const at = toTimestamp(now);
  const pool = poolNamed(policy, reboot.pool);
  const by = (pool && automaticApproval(reboot, pool, now)?.by) ?? somebody;
  const terms = { mode: 'now', at, digest, riskDigest } as const;
  const decision = { ...terms, approvals: [{ by, ...terms }] };
  return { ...reboot, state: { phase: 'Approved', since: at, decision } };
}

const snoozed = ({ state }: In<'Snoozed'>): Blocker => ({
  code: 'snoozed',
  sentence: `${nameOf(state.by)} snoozed it${state.reason === undefined ? '' : `: ${state.reason}`}.`,
  clears: 'It asks again when the time is over.',
  until: toInstant(state.until),
});

function denied({ state }: In<'Denied'>, pool: PoolPolicy | undefined): Blocker {
  const again = pool && askAgainAt(state, pool);
  return {
    code: 'denied',
    sentence: `${decidedBy(state) ?? 'Somebody'} denied it: ${state.reason}`,
    clears:
      'It asks again when packages that change the risk arrive, or when somebody presses "Ask again" on its card.',
    ...(again === undefined ? {} : { until: again }),
  };
}

const failed = ({ state }: In<'Failed' | 'GivenUp'>): Blocker => ({
  code: 'failed',
  sentence: state.sentence,
  clears:
    state.phase === 'Failed' ? 'Retry or skip it on its card.' : 'It was given up; its next boot asks anew.',
});
