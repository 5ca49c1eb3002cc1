/** Nodes of a digest that wait for a person for the same cause: they failed, or their drains were undone. */
import type { DrainRetry } from '../state/undo-facts.ts';
import { isIn, type Reboot } from '../state/reboot.ts';
import { type Instant, toInstant } from '../time/time.ts';

interface Cause {
  readonly key: string;
  readonly since: Instant;
}

/** Undone drains have the same cause if the same budgets blocked them. */
export const undoneFor = ({ needsPerson: kind, why, budgets }: DrainRetry): string =>
  [kind, ...(budgets.length === 0 ? [why] : budgets.toSorted())].join(' ');

function causeOf(reboot: Reboot): Cause | undefined {
  if (isIn(reboot, 'Failed'))
    return { key: `failed ${reboot.state.code}`, since: toInstant(reboot.state.since) };
  const retry = isIn(reboot, 'Approved') ? reboot.state.retry : undefined;
  return retry?.needsPerson === undefined
    ? undefined
    : { key: `undone ${undoneFor(retry)}`, since: toInstant(retry.at) };
}

/** Whether a person has to decide what becomes of a reboot that was approved. */
export const needsPerson = (reboot: Reboot): boolean => causeOf(reboot) !== undefined;

/**
 * The number of other Reboots that waited for the same cause before this one. Above a limit the digest
 * notifies the channel for all of them, and their cards do not.
 */
export function sameCauseBefore(reboot: Reboot, others: readonly Reboot[]): number {
  const own = causeOf(reboot);
  if (own === undefined) return 0;
  return others.filter((other) => {
    const cause = causeOf(other);
    if (cause?.key !== own.key) return false;
    return cause.since < own.since || (cause.since === own.since && other.name < reboot.name);
  }).length;
}
