import type { Clock } from '../../reboot/ports/time.ts';
import type { DrainRequest } from '../../reboot/ports/cluster.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import { minute, second, type Instant, type Millis } from '../../reboot/ports/time.ts';
import type { PodView } from '../pods/pod-view.ts';

/** How long pods that were deleted by force may take, beyond their grace. */
const forcedExtra: Millis = minute;
const longestForcedGrace: Millis = 10 * minute;

/** How long a drain may take, and whether it may break budgets. */
export interface TimeLimit {
  readonly deadline: () => Instant;
  readonly isForced: () => boolean;
  readonly isReached: () => boolean;
  /**
   * Where the policy goes on by force when time is over: gives the pods that are left the time to end, once.
   */
  readonly turnToForce: (left: readonly PodView[]) => boolean;
}

export function timeLimit(
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
  { target, policy, ...request }: DrainRequest,
): TimeLimit {
  let { deadline, force } = request;
  return {
    deadline: () => deadline,
    isForced: () => force,
    isReached: () => clock.now() >= deadline,
    turnToForce(left) {
      if (policy.onTimeout !== 'force' || force) return false;
      const own = Math.max(0, ...left.map((pod) => pod.graceSeconds));
      const grace = (policy.gracePeriodSeconds ?? own) * second;
      force = true;
      deadline = clock.now() + Math.min(grace, longestForcedGrace) + forcedExtra;
      logger.warn('drain goes on by force', { node: target.node, pods: left.length });
      return true;
    },
  };
}
