/** A halted rollout goes on: somebody who may decide says that the workloads are ready enough as they are. */
import type { Blocker } from '../scheduling/blockers.ts';
import type { DecisionRequest, DecisionResult, Rejection } from '../ports/decisions.ts';
import { haltOf } from '../scheduling/gates/rollout-stage.ts';
import { refusal } from '../permissions/permissions.ts';
import type { Person } from '../permissions/person.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Principal } from '../state/decision.ts';
import { rolloutKey, sameRollout } from '../rollout/rollout.ts';
import { haltedIn } from '../rollout/rollout-view.ts';
import { apply, fieldsOf, poolFor } from '../reconcile/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { renderRollout, renderWaiting } from '../reconcile/rollout-progress.ts';

const refused = (rejection: Rejection): DecisionResult => ({ ok: false, rejection });

/** By the button of the digest, which stands for what it showed. */
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
  await letGo(deps, { reboots, by: { kind: 'user', id: person.id, name: person.name }, halted });
  return { ok: true, reboot: leader, approvalsMissing: 0 };
}

/** What halts the rollouts of a pool now, in words. */
export function haltsIn(deps: ServiceDeps, pool: string): readonly string[] {
  const all = deps.store.all();
  return haltedBy(all, pool).flatMap((one) => haltedIn(sameRollout(all, one))?.sentence ?? []);
}

/** One of those that each halted rollout of the pool holds back. */
function haltedBy(all: readonly Reboot[], pool: string): readonly Reboot[] {
  const held = all.filter(
    (reboot) => reboot.pool === pool && isIn(reboot, 'Approved') && haltOf(reboot) !== undefined,
  );
  return [...Map.groupBy(held, rolloutKey).values()].flatMap(([one]) => one ?? []);
}

/** By the name of the pool, whatever halts its rollouts now. Returns what was accepted, in words. */
export async function goOnIn(deps: ServiceDeps, pool: string, by: Principal): Promise<readonly string[]> {
  const all = deps.store.all();
  const accepted: string[] = [];
  for (const one of haltedBy(all, pool)) {
    const reboots = sameRollout(all, one);
    const halted = haltedIn(reboots);
    if (!halted) continue;
    await letGo(deps, { reboots, by, halted });
    accepted.push(halted.sentence);
  }
  return accepted;
}

async function letGo(
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
    // What it was told counts no more: it is asked about at once.
    await apply(deps, reboot.name, { type: 'held', blockers: [] });
    await deps.queue.reconcile(reboot.name);
  }
  const [one] = reboots;
  if (!one) return;
  await renderWaiting(deps, one);
  await renderRollout(deps, one);
}
