import { isIn, type Reboot } from '../../reboot/state/reboot.ts';
import type { Instant } from '../../reboot/time/time.ts';
import { pendingRetry } from '../../reboot/deadlines/retry.ts';
import { paths } from '../api/paths.ts';
import { budgetView, evictionsAllowed } from '../pods/budget-view.ts';
import { titleOf } from '../pods/pod-view.ts';
import { watchedGate, type WatchedGate } from './watched-gate.ts';

/**
 * The budgets that blocked an undone drain, until its retry is due: it is retried as soon as they have room,
 * or are deleted.
 */
export function budgetGates(reboot: Reboot, now: Instant): readonly WatchedGate[] {
  const rest = isIn(reboot, 'Approved') ? pendingRetry(reboot.state, now) : undefined;
  return rest?.notBefore === undefined ? [] : rest.budgets.map(budgetGate);
}

function budgetGate(title: string): WatchedGate {
  const [namespace = '', name = ''] = title.split('/');
  return watchedGate({
    code: 'drain-undone',
    path: paths.budgets,
    query: { fieldSelector: `metadata.namespace=${namespace},metadata.name=${name}` },
    counted(object) {
      const budget = budgetView(object);
      return evictionsAllowed(budget) > 0 ? undefined : titleOf(budget);
    },
    isClear: (full) => full.length === 0,
  });
}
