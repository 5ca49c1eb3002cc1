/** Failures of one cause among the nodes of a digest. */
import { isIn, type Reboot } from '../state/reboot.ts';

/**
 * How many of the others have failed for the same cause before it. From some number on the digest tells of
 * all of them, and the card of each tells the channel nothing.
 */
export function failedBefore(reboot: Reboot, others: readonly Reboot[]): number {
  if (!isIn(reboot, 'Failed')) return 0;
  const { code, since } = reboot.state;
  return others.filter(
    (other) =>
      isIn(other, 'Failed') &&
      other.state.code === code &&
      (other.state.since < since || (other.state.since === since && other.name < reboot.name)),
  ).length;
}
