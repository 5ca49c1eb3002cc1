import type { HistoryEntry } from '../../reboot/state/decision.ts';
import { isIn, type Reboot } from '../../reboot/state/reboot.ts';
import { second, toInstant } from '../../reboot/time/time.ts';
import type { Sample } from './table.ts';

/** What to count when a Reboot was stored in another state. */
export function transitionSamples(before: Reboot, after: Reboot): readonly Sample[] {
  const changedPhase = before.state.phase !== after.state.phase;
  return [
    ...decisions(before, after),
    ...(changedPhase ? [phaseDuration(before, after), ...ended(after), ...drains(before, after)] : []),
  ];
}

/** Entries of the history that are decisions. The others say what happened to one. */
const decided: ReadonlySet<HistoryEntry['what']> = new Set([
  'approved',
  'snoozed',
  'denied',
  'cancelled',
  'retried',
  'skipped',
  'forced',
  'asked-again',
  'tried-again',
  'accepted',
]);

/** The history is bounded, and its oldest entries may go: what is new follows the last known entry. */
function decisions(before: Reboot, { history, pool }: Reboot): readonly Sample[] {
  const last = before.history.at(-1);
  const known = last === undefined ? -1 : history.findLastIndex((entry) => isSame(entry, last));
  return history
    .slice(known + 1)
    .filter(({ what }) => decided.has(what))
    .map(({ what, by }) => ({
      name: 'tugboot_decisions_total',
      labels: { pool, decision: what, by: by?.kind ?? 'unknown' },
      value: 1,
    }));
}

const isSame = (one: HistoryEntry, other: HistoryEntry): boolean =>
  one.at === other.at && one.what === other.what && one.phase === other.phase;

const secondsBetween = (from: string, to: string): number =>
  Math.max(0, (toInstant(to) - toInstant(from)) / second);

const phaseDuration = (before: Reboot, after: Reboot): Sample => ({
  name: 'tugboot_phase_duration_seconds',
  labels: { pool: after.pool, phase: before.state.phase },
  value: secondsBetween(before.state.since, after.state.since),
});

function ended(after: Reboot): readonly Sample[] {
  const { pool, state } = after;
  if (isIn(after, 'Failed'))
    return [{ name: 'tugboot_reboots_ended_total', labels: { pool, result: after.state.code }, value: 1 }];
  if (!isIn(after, 'Succeeded', 'Cancelled', 'Superseded', 'Denied')) return [];
  const end: Sample = {
    name: 'tugboot_reboots_ended_total',
    labels: { pool, result: state.phase },
    value: 1,
  };
  if (!isIn(after, 'Succeeded')) return [end];
  const value = secondsBetween(after.need.since, state.since);
  return [end, { name: 'tugboot_reboot_duration_seconds', labels: { pool }, value }];
}

function drains(before: Reboot, after: Reboot): readonly Sample[] {
  if (!isIn(before, 'Draining')) return [];
  const outcome = isIn(after, 'Rebooting')
    ? 'drained'
    : isIn(after, 'Undoing')
      ? 'undone'
      : isIn(after, 'Failed')
        ? 'failed'
        : 'cancelled';
  return [{ name: 'tugboot_drains_total', labels: { pool: after.pool, outcome }, value: 1 }];
}
