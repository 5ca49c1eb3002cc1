import { isDecision, newEntries } from '../../reboot/state/decision.ts';
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

const decisions = (before: Reboot, { history, pool }: Reboot): readonly Sample[] =>
  newEntries(before.history, history)
    .filter(isDecision)
    .map(({ what, by }) => ({
      name: 'tugboot_decisions_total',
      labels: { pool, decision: what, by: by?.kind ?? 'unknown' },
      value: 1,
    }));

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
