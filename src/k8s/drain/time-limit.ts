import { type Clock, minute, second, type Instant, type Millis } from '../../reboot/time/time.ts';
import type { DrainRequest } from '../../reboot/ports/cluster/drains.ts';
import type { Logger } from '../../reboot/ports/logger.ts';
import type { PodView } from '../pods/pod-view.ts';

/** Time beyond the grace period for pods that are deleted by force. */
const forcedExtra: Millis = minute;
const longestForcedGrace: Millis = 10 * minute;

/** A drain's deadline, and whether it may ignore budgets. */
export interface TimeLimit {
  readonly deadline: () => Instant;
  readonly isForced: () => boolean;
  readonly isReached: () => boolean;
  /**
   * At the deadline, where the policy allows force: switches to force once, and extends the deadline for the
   * pods that are left. True if it switched.
   */
  readonly switchToForce: (left: readonly PodView[]) => boolean;
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
    switchToForce(left) {
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
