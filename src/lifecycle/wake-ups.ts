/** Turns changes from the watches into work. What fails is left to the next resync. */
import type { Sleep } from '../timing/sleep.ts';
import type { BurstShape } from '../timing/burst.ts';
import { damper } from '../timing/damper.ts';
import type { KubeChange } from '../k8s/kube.ts';
import { debounce } from '../timing/debounce.ts';
import type { Clock } from '../reboot/time/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { StartQuestion } from '../reboot/ports/outside.ts';
import type { RebootService } from '../reboot/service/service.ts';

export interface WakeUpsDeps {
  readonly service: Pick<
    RebootService,
    'rebootChanged' | 'rebootAppeared' | 'rebootDeleted' | 'planChanged' | 'blockedReboots' | 'cleared'
  >;
  readonly reconcileNode: (node: string) => Promise<void>;
  /** Watches what blocks these reboots. */
  readonly follow: (blocked: readonly StartQuestion[]) => void;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly logger: Logger;
}

export interface WakeUps {
  readonly onChange: (change: KubeChange) => void;
  /** Gates and permissions may have changed: queries them again for all blocked reboots. */
  readonly policyChanged: () => void;
}

/**
 * Nodes and Reboots change in bursts; one plan, and one update of the blocker watches, per burst is enough.
 * In milliseconds.
 */
const burst = 50;

/**
 * More consecutive changes than a reboot causes: an agent or a kubelet flaps, and each reconcile costs
 * requests.
 */
const nodeBurst: BurstShape = { burst: 20, first: 500, longest: 10_000, quiet: 10_000 };

/**
 * While nodes are drained and boot, something changes all the time. What frees a turn asks for a plan by
 * itself; what only the watches tell is planned for after `longest` at most.
 */
const planBurst: BurstShape = { burst: 20, first: 100, longest: 500, quiet: 5_000 };

export function wakeUps(deps: WakeUpsDeps, signal: AbortSignal): WakeUps {
  const { service, reconcileNode, follow, logger } = deps;
  const orNextResync = (what: string, work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => logger.warn('left to the next resync', { what, err: error }));
  const debounceOptions = { sleep: deps.sleep, after: burst, signal };
  const askForPlan = debounce(debounceOptions, () => orNextResync('plan', service.planChanged()));
  const planChanged = damper({ ...deps, signal }, planBurst, askForPlan);
  const updateWatches = debounce(debounceOptions, () => orNextResync('blocked', followBlocked()));
  /**
   * Serialised: concurrent calls would query the gates for two nodes where only one may start.
   */
  let querying = Promise.resolve();
  const queryGates = (reboots: readonly string[]): void => {
    if (signal.aborted) return;
    querying = querying.then(() => orNextResync('gates', service.cleared(reboots)));
  };
  const dampedReconcile = (kind: 'node' | 'agent'): ((node: string) => void) =>
    damper({ ...deps, signal }, nodeBurst, (node) => void orNextResync(kind, reconcileNode(node)));
  // Separate, so that a flapping agent does not delay changes of its node.
  const nodeChanged = dampedReconcile('node');
  const agentChanged = dampedReconcile('agent');
  const followBlocked = async (): Promise<void> => follow(service.blockedReboots());
  return {
    onChange(change) {
      switch (change.kind) {
        case 'reboot':
          void orNextResync('changed', service.rebootChanged(change.name));
          planChanged('plan');
          updateWatches();
          return;
        case 'reboot-appeared':
          void orNextResync('appeared', service.rebootAppeared(change.name));
          return;
        case 'reboot-deleted':
          void orNextResync('deleted', service.rebootDeleted(change.reboot));
          return;
        case 'pauses':
          void orNextResync('pauses', service.planChanged());
          return;
        case 'digests':
          // A person may have chosen how many at a time.
          planChanged('plan');
          return;
        case 'cleared':
          queryGates(change.reboots);
          return;
        case 'node':
          planChanged('plan');
          nodeChanged(change.node);
          return;
        case 'agent':
          planChanged('plan');
          agentChanged(change.node);
      }
    },
    policyChanged() {
      const names = service.blockedReboots().map(({ reboot }) => reboot.name);
      if (names.length > 0) queryGates(names);
      planChanged('plan');
      updateWatches();
    },
  };
}
