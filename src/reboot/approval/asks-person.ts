import type { PoolPolicy } from '../policy/policy.ts';
import type { Reboot } from '../state/reboot.ts';
import type { Person } from './person.ts';
import { refusal } from './permissions.ts';

/** Whether it waits for a decision of this person: one that has not been taken by the same person already. */
export function asksPerson(person: Person, reboot: Reboot, pool: PoolPolicy): boolean {
  const { state } = reboot;
  const isAsked =
    state.phase === 'Pending'
      ? !state.approvals.some(({ by }) => by.kind === 'user' && by.id === person.id)
      : state.phase === 'Approved' && state.retry?.needsPerson !== undefined;
  return isAsked && refusal(person, pool, reboot, 'approve') === undefined;
}
