import type { DecisionRequest, RebootDecision, Rejection } from '../approval/decision-request.ts';
import type { DecisionResult } from '../ports/decisions/decisions.ts';
import { refusal } from '../approval/permissions.ts';
import { approvalsNeeded } from '../policy/pools.ts';
import { PortError } from '../ports/port-error.ts';
import { sentenceFor } from '../ports/port-error-words.ts';
import type { Person } from '../approval/person.ts';
import type { Principal } from '../state/decision.ts';
import { type Reboot, isIn } from '../state/reboot.ts';
import { stepOf } from '../machine/step.ts';
import { eventOf } from '../machine/events/decision-event.ts';
import { announce } from '../show/announce.ts';

import { apply, type Decide, fieldsOf, isRejection, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { poolChanged } from '../loop/follow-pool.ts';
import { goOn } from './go-on.ts';
import { withoutQueue } from './without-queue.ts';

const refused = (code: Rejection['code'], sentence: string): DecisionResult => ({
  ok: false,
  rejection: { code, sentence },
});

export async function decide(
  deps: ServiceDeps,
  asked: { name: string; request: DecisionRequest; person: Person },
): Promise<DecisionResult> {
  try {
    const { result, delayed } = await withoutQueue(deps, asked.name, (tolerantDeps) =>
      decideNow(tolerantDeps, asked),
    );
    return result.ok && delayed !== undefined ? { ...result, delayed } : result;
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    deps.logger.error('decision not stored', {
      reboot: asked.name,
      decision: asked.request.kind,
      by: asked.person.id,
      err: error,
    });
    return refused(
      'cluster-unreachable',
      `${sentenceFor(error)} If your decision was not stored, the card shows no sign of it; \`/reboot status\` shows it too.`,
    );
  }
}

const decideNow = (
  deps: ServiceDeps,
  { request, ...asked }: { name: string; request: DecisionRequest; person: Person },
): Promise<DecisionResult> =>
  request.kind === 'go-on' ? goOn(deps, { ...asked, request }) : decideStored(deps, { ...asked, request });

function decideStored(
  deps: ServiceDeps,
  { name, request, person }: { name: string; request: RebootDecision; person: Person },
): Promise<DecisionResult> {
  const by = { kind: 'user', id: person.id, name: person.name } as const;
  const choose: Decide = (reboot, pool) =>
    refusal(person, pool, reboot, request.kind) ?? eventOf(request, by);
  return applyDecision(deps, name, { request, by, choose });
}

/** What is decided for one Reboot, alone or with others. `choose` makes its event, or rejects. */
export interface OneDecision {
  readonly request: Pick<RebootDecision, 'kind'>;
  readonly by: Extract<Principal, { kind: 'user' }>;
  readonly choose: Decide;
}

/** Applies a decision to one Reboot, and queues what follows from it. */
export async function applyDecision(
  deps: ServiceDeps,
  name: string,
  { request, by, choose }: OneDecision,
): Promise<DecisionResult> {
  const moved = await poolChanged(deps, name, request.kind);
  const applied = await apply(deps, name, (reboot, pool) => {
    const event = choose(reboot, pool);
    return isRejection(event) ? event : (moved ?? event);
  });
  if (applied.outcome === 'gone')
    return refused('unknown-reboot', `There is no reboot ${name} any more. It is too old, or was deleted.`);
  if (applied.outcome === 'rejected') {
    deps.logger.info('decision rejected', {
      ...fieldsOf(applied.reboot),
      decision: request.kind,
      by: by.id,
      by_name: by.name,
      code: applied.rejection.code,
      why: applied.rejection.sentence,
    });
    // The clicked card may be outdated: render the current state.
    await wakeAndAnnounce(deps, applied.reboot);
    return { ok: false, rejection: applied.rejection };
  }
  await wakeAndAnnounce(deps, applied.reboot);
  return { ok: true, reboot: applied.reboot, approvalsMissing: missingApprovals(deps, applied.reboot) };
}

/** The decision is stored, so a failure here is only logged. */
async function wakeAndAnnounce(deps: ServiceDeps, reboot: Reboot): Promise<void> {
  try {
    // The reconcile comes first: the Event may wait for a slow API server.
    // The plan wakes what is approved: to start, or to show what blocks it.
    if (isIn(reboot, 'Approved')) await deps.queue.plan();
    else await deps.queue.reconcile(reboot.name, deps.clock.now(), stepOf(reboot));
    await announce(deps, reboot);
  } catch (error) {
    deps.logger.warn('decision not announced', { ...fieldsOf(reboot), err: error });
  }
}

function missingApprovals(deps: ServiceDeps, reboot: Reboot): number {
  if (!isIn(reboot, 'Pending')) return 0;
  return approvalsNeeded(poolFor(deps, reboot), reboot.facts) - reboot.state.approvals.length;
}
