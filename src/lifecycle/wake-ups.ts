/** What the watches tell, turned into work. What cannot be done now is made good for by the next scan. */
import { damper, type DampingPace } from './damper.ts';
import type { KubeChange } from '../k8s/kube.ts';
import { debounce } from './debounce.ts';
import type { Clock } from '../reboot/ports/time.ts';
import type { Logger } from '../reboot/ports/logger.ts';
import type { StartQuestion } from '../reboot/ports/outside.ts';
import type { RebootService } from '../reboot/loop/service.ts';

export interface WakeUpsDeps {
  readonly service: Pick<
    RebootService,
    | 'rebootChanged'
    | 'rebootAppeared'
    | 'rebootDeleted'
    | 'gatesChanged'
    | 'roomChanged'
    | 'blockedReboots'
    | 'cleared'
  >;
  readonly look: (node: string) => Promise<void>;
  /** Watches what these wait for. */
  readonly follow: (held: readonly StartQuestion[]) => void;
  readonly clock: Clock;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly logger: Logger;
}

export interface WakeUps {
  readonly onChange: (change: KubeChange) => void;
  /**
   * What is asked of the outside, or of whom, may be another thing now: all that it holds back are asked
   * about anew.
   */
  readonly policyChanged: () => void;
}

/**
 * Nodes and Reboots change in bursts; for each of them one plan, and one look at what is held back, is
 * enough.
 */
const burst = 50;

/** More changes in a row than a reboot makes: an agent or a kubelet flaps, and each look costs requests. */
const flapping: DampingPace = { burst: 20, first: 500, longest: 10_000, quiet: 10_000 };

/** A plan reads the ledger. Free room that is seen late delays a start by no more than this. */
const crowded: DampingPace = { burst: 20, first: 100, longest: 2_000, quiet: 5_000 };

export function wakeUps(deps: WakeUpsDeps, signal: AbortSignal): WakeUps {
  const { service, look, follow, logger } = deps;
  const orNextScan = (what: string, work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => logger.warn('left to the next scan', { what, err: error }));
  const soon = { sleep: deps.sleep, after: burst, signal };
  const planRoom = debounce(soon, () => orNextScan('room', service.roomChanged()));
  const room = damper({ ...deps, signal }, crowded, planRoom);
  const held = debounce(soon, () => orNextScan('held', refollow()));
  /** One after the other: what is told in two pieces would ask for two nodes where one may start. */
  let asking = Promise.resolve();
  const ask = (reboots: readonly string[]): void => {
    if (signal.aborted) return;
    asking = asking.then(() => orNextScan('gates', service.cleared(reboots)));
  };
  const lookAtNode = (kind: 'node' | 'agent'): ((node: string) => void) =>
    damper({ ...deps, signal }, flapping, (node) => void orNextScan(kind, look(node)));
  // Apart, so that an agent that flaps does not delay what its node shows.
  const nodeChanged = lookAtNode('node');
  const agentChanged = lookAtNode('agent');
  const refollow = async (): Promise<void> => follow(service.blockedReboots());
  return {
    onChange(change) {
      switch (change.kind) {
        case 'reboot':
          service.rebootChanged(change.name);
          held();
          return;
        case 'reboot-appeared':
          void orNextScan('appeared', service.rebootAppeared(change.name));
          return;
        case 'reboot-deleted':
          void orNextScan('deleted', service.rebootDeleted(change.reboot));
          return;
        case 'pauses':
          void orNextScan('pauses', service.gatesChanged());
          return;
        case 'cleared':
          ask(change.reboots);
          return;
        case 'node':
          room('room');
          nodeChanged(change.node);
          return;
        case 'agent':
          agentChanged(change.node);
      }
    },
    policyChanged() {
      const names = service.blockedReboots().map(({ reboot }) => reboot.name);
      if (names.length > 0) ask(names);
      held();
    },
  };
}
