import type { PoolPolicy } from '../policy/policy.ts';
import type { Reboot } from '../state/reboot.ts';
import type { Person } from './person.ts';
import { refusal } from './permissions.ts';

/**
 * Whether the person may decide on it away from its card. With `approvers: channel` only those who read the
 * channel may, which a click elsewhere does not show.
 */
export const mayDecideAnywhere = (person: Person, reboot: Reboot, pool: PoolPolicy): boolean =>
  pool.approvers.kind === 'named' && refusal(person, pool, reboot, 'approve') === undefined;

/** Whether it waits for a decision of this person: one that has not been taken by the same person already. */
export function waitsFor(person: Person, reboot: Reboot, pool: PoolPolicy): boolean {
  const { state } = reboot;
  const isAsked =
    state.phase === 'Pending'
      ? !state.approvals.some(({ by }) => by.kind === 'user' && by.id === person.id)
      : state.phase === 'Approved' && state.retry?.needsPerson !== undefined;
  return isAsked && mayDecideAnywhere(person, reboot, pool);
}
