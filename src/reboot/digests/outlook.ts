/** What a decision for many would do to each Reboot, as the watch shows them. */
import type { Rejection } from '../approval/decision-request.ts';
import { refusal } from '../approval/permissions.ts';
import type { Person } from '../approval/person.ts';
import { isRejection, poolFor } from '../loop/apply.ts';
import type { ServiceDeps } from '../loop/deps.ts';
import { transition } from '../machine/transition.ts';
import { approvalsNeeded } from '../policy/pools.ts';
import { eventForOne, type PartOfMany } from '../pool-digest/decide-many.ts';
import type { ManyRequest } from '../pool-digest/many-request.ts';
import type { DigestEntry } from '../pool-digest/pool-digest.ts';
import type { ManyResult } from '../ports/decisions/many-decisions.ts';
import type { ShownEntry } from '../shown-list/shown-list.ts';
import { isIn, type Reboot } from '../state/reboot.ts';

export interface Outlook {
  readonly accepted: number;
  readonly rejections: readonly { readonly node: string; readonly rejection: Rejection }[];
  readonly approvalsMissing: number;
}

export type AboutMany = Omit<PartOfMany, 'id'> & { readonly person: Person };

export const inPool = (entries: readonly DigestEntry[], pool: string): readonly ShownEntry[] =>
  entries.map(({ reboot, digest }) => ({ reboot, digest, pool }));

export function outlookOf(deps: ServiceDeps, entries: readonly ShownEntry[], about: AboutMany): Outlook {
  const rejections: { readonly node: string; readonly rejection: Rejection }[] = [];
  let approvalsMissing = 0;
  for (const entry of entries) {
    const reboot = deps.store.cached(entry.reboot);
    const after = reboot ? afterDecision(deps, reboot, entry, about) : gone;
    if (isRejected(after)) rejections.push({ node: reboot?.node.name ?? entry.reboot, rejection: after });
    else approvalsMissing = Math.max(approvalsMissing, missingFor(deps, after));
  }
  return { accepted: entries.length - rejections.length, rejections, approvalsMissing };
}

const gone: Rejection = { code: 'unknown-reboot', sentence: 'There is no such reboot any more.' };

export const isRejected = (after: Reboot | Rejection): after is Rejection => 'sentence' in after;

/** The Reboot as the decision would leave it, or why it does not hold for it. */
export function afterDecision(
  deps: ServiceDeps,
  reboot: Reboot,
  entry: Pick<ShownEntry, 'pool' | 'digest'>,
  { person, request, by }: AboutMany,
): Reboot | Rejection {
  const pool = poolFor(deps, reboot);
  const forbidden = refusal(person, pool, reboot, request.kind);
  const event = forbidden ?? eventForOne(reboot, entry, { id: '', request, by });
  if (isRejection(event)) return event;
  const step = transition(reboot, event, { pool, now: deps.clock.now() });
  return step.ok ? step.reboot : step.rejection;
}

export function missingFor(deps: ServiceDeps, reboot: Reboot): number {
  if (!isIn(reboot, 'Pending')) return 0;
  return approvalsNeeded(poolFor(deps, reboot), reboot.facts) - reboot.state.approvals.length;
}

const mostNamed = 5;

/** `pool`: where all are of one. */
export const answerTo = (
  { accepted, rejections, approvalsMissing }: Outlook,
  request: ManyRequest,
  pool?: string,
): Extract<ManyResult, { ok: true }> => ({
  ok: true,
  request,
  ...(pool === undefined ? {} : { pool }),
  nodes: accepted,
  refused: rejections.length,
  refusals: rejections
    .slice(0, mostNamed)
    .map(({ node, rejection }) => ({ node, sentence: rejection.sentence })),
  approvalsMissing,
  repeated: false,
});
