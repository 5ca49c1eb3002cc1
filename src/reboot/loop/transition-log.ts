/** The log lines of a stored change of a Reboot: what was decided, then what follows from it. */
import type { RebootEvent } from '../machine/events/events.ts';
import type { LogFields, Logger } from '../ports/logger.ts';
import { isOwed } from '../state/clean-up.ts';
import { type HistoryEntry, isDecision, newEntries, type Principal } from '../state/decision.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Millis, toInstant } from '../time/time.ts';

export interface StoredChange {
  readonly before: Reboot;
  readonly after: Reboot;
  readonly event: RebootEvent['type'];
}

/** `logger` adds the fields of the Reboot to each line. */
export function logTransition(logger: Logger, change: StoredChange): void {
  const { before, after } = change;
  for (const entry of newEntries(before.history, after.history)) {
    // A request by a signal has no author.
    if (isDecision(entry) && entry.by) logger.info('decision taken', decisionFields(entry, after));
    if (entry.what === 'lapsed') logger.info('decision lapsed', { reason: entry.reason });
  }
  if (after.state.phase !== before.state.phase) logPhase(logger, change);
  if (hasEnded(before, after)) logger.info('reboot ended', endFields(after));
}

function logPhase(logger: Logger, { before, after, event }: StoredChange): void {
  if (isIn(after, 'Rebooting') && isIn(before, 'Draining')) {
    const { startedAt, endedAt, pods } = after.state.drained;
    logger.info('node drained', {
      pods,
      pods_left: before.state.drain?.kept?.length ?? 0,
      took_s: seconds(toInstant(endedAt) - toInstant(startedAt)),
    });
  }
  const fields = { from: before.state.phase, event };
  // The reason of a failure is the first thing that a person on call looks for.
  if (isIn(after, 'Failed'))
    logger.error('reboot failed', { ...fields, code: after.state.code, why: after.state.sentence });
  else logger.info('reboot changed phase', fields);
}

const seconds = (duration: Millis): number => Math.round(duration / 100) / 10;

function decisionFields(
  { what, by, reason, digest, changeTicket }: HistoryEntry,
  { state }: Reboot,
): LogFields {
  const mode = what === 'approved' ? modeIn(state) : undefined;
  const until = state.phase === 'Snoozed' ? state.until : undefined;
  return { decision: what, ...principalFields(by), mode, until, reason, change_ticket: changeTicket, digest };
}

function modeIn(state: Reboot['state']): string | undefined {
  if (state.phase === 'Pending') return state.approvals.at(-1)?.mode;
  return state.phase === 'Approved' ? state.decision.mode : undefined;
}

/** The id of a person in Slack, and else the name of the user or of the rule's pool. */
function principalFields(by: Principal | undefined): LogFields {
  if (by === undefined) return {};
  if (by.kind === 'user') return { by: by.id, by_kind: by.kind, by_name: by.name };
  return { by: by.kind === 'kubernetes' ? by.name : by.pool, by_kind: by.kind };
}

/** The clean-up of its end is complete. */
export const hasEnded = (before: Reboot, after: Reboot): boolean =>
  isIn(after, 'Succeeded', 'GivenUp', 'Cancelled', 'Superseded') &&
  isOwed(before.cleanup) &&
  !isOwed(after.cleanup);

/** `total_s` is counted from the first sign that the node asks. */
function endFields(reboot: Reboot): LogFields {
  const { state, cleanup, need } = reboot;
  const end = toInstant(cleanup?.endedAt ?? state.since);
  const total = { total_s: seconds(Math.max(0, end - toInstant(need.since))) };
  const stays = cleanup?.staysCordoned === undefined ? {} : { stays_cordoned: cleanup.staysCordoned };
  if (!isIn(reboot, 'Succeeded')) return { ...total, ...stays };
  const { took, pods, kernel } = reboot.state;
  return {
    ...total,
    run_s: seconds(took.total),
    drain_s: seconds(took.drain),
    boot_s: seconds(took.boot),
    settle_s: seconds(took.settle),
    pods,
    kernel,
    ...stays,
  };
}
