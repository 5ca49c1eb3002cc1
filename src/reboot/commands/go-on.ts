/** Lets a halted rollout continue: an approver accepts the current readiness of its workloads. */
import type { Blocker } from '../scheduling/blockers/blockers.ts';
import type { DecisionRequest, Rejection } from '../approval/decision-request.ts';
import type { DecisionResult } from '../ports/decisions/decisions.ts';
import { haltOf } from '../state/stored-blockers.ts';
import { refusal } from '../approval/permissions.ts';
import type { Person } from '../approval/person.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Principal } from '../state/decision.ts';
import { rolloutKey, sameRollout } from '../rollout/rollout.ts';
import { haltedIn } from '../rollout/rollout-view.ts';
import { apply, fieldsOf, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { renderRollout, renderWaiting } from '../start/rollout-progress.ts';

const refused = (rejection: Rejection): DecisionResult => ({ ok: false, rejection });

/**
 * Handles the button of the rollout digest. The decision holds only for the halt that the digest displayed.
 */
export async function goOn(
  deps: ServiceDeps,
  { name, person, request }: { name: string; person: Person; request: DecisionRequest & { kind: 'go-on' } },
): Promise<DecisionResult> {
  const leader = await deps.store.get(name);
  if (!leader)
    return refused({
      code: 'unknown-reboot',
      sentence: 'This rollout is too old: nothing is known of it any more.',
    });
  const forbidden = refusal(person, poolFor(deps, leader), leader, request.kind);
  if (forbidden) return refused(forbidden);
  const reboots = sameRollout(deps.store.all(), leader);
  const halted = haltedIn(reboots);
  if (!halted) return refused({ code: 'not-possible-now', sentence: 'Nothing halts this rollout any more.' });
  if (halted.seen !== request.seen) {
    await deps.queue.render(leader.name);
    return refused({
      code: 'halt-changed',
      sentence: `What halts the rollout has changed since you looked, and nothing was decided. ${halted.sentence}`,
    });
  }
  await acceptHalt(deps, { reboots, by: { kind: 'user', id: person.id, name: person.name }, halted });
  return { ok: true, reboot: leader, approvalsMissing: 0 };
}

/** The halts of a pool's rollouts now, as sentences. */
export function haltsIn(deps: ServiceDeps, pool: string): readonly string[] {
  const all = deps.store.all();
  return blockedByHalt(all, pool).flatMap((one) => haltedIn(sameRollout(all, one))?.sentence ?? []);
}

/** For each halted rollout of the pool, one of the Reboots that it blocks. */
function blockedByHalt(all: readonly Reboot[], pool: string): readonly Reboot[] {
  const blocked = all.filter(
    (reboot) => reboot.pool === pool && isIn(reboot, 'Approved') && haltOf(reboot) !== undefined,
  );
  return [...Map.groupBy(blocked, rolloutKey).values()].flatMap(([one]) => one ?? []);
}

/** Accepts all current halts of a pool's rollouts. Returns them as sentences. */
export async function acceptHaltsIn(
  deps: ServiceDeps,
  pool: string,
  by: Principal,
): Promise<readonly string[]> {
  const all = deps.store.all();
  const accepted: string[] = [];
  for (const one of blockedByHalt(all, pool)) {
    const reboots = sameRollout(all, one);
    const halted = haltedIn(reboots);
    if (!halted) continue;
    await acceptHalt(deps, { reboots, by, halted });
    accepted.push(halted.sentence);
  }
  return accepted;
}

async function acceptHalt(
  deps: ServiceDeps,
  { reboots, by, halted }: { reboots: readonly Reboot[]; by: Principal; halted: Blocker },
): Promise<void> {
  for (const reboot of reboots)
    if (isIn(reboot, 'Succeeded') && reboot.workloads !== undefined)
      await apply(deps, reboot.name, { type: 'accepted', by, reason: halted.sentence });
  for (const reboot of reboots) {
    if (!isIn(reboot, 'Approved') || haltOf(reboot) === undefined) continue;
    deps.logger.info('rollout goes on', {
      ...fieldsOf(reboot),
      by: by.kind === 'user' ? by.id : by.kind,
      although: halted.sentence,
    });
    // Clears the stored halt: the plan lets it start, which checks the gates again at once.
    await apply(deps, reboot.name, { type: 'blocked', by: 'gatekeeper', blockers: [] });
  }
  await deps.queue.plan();
  const [one] = reboots;
  if (!one) return;
  await renderWaiting(deps, one);
  await renderRollout(deps, one);
}
