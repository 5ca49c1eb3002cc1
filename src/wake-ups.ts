/** What the watches tell, turned into work. What cannot be done now is made good for by the next scan. */
import type { KubeChange } from './k8s/kube.ts';
import { onceSoon } from './once-soon.ts';
import type { Logger, StartQuestion } from './reboot/ports.ts';
import type { RebootService } from './reboot/service/service.ts';

export interface WakeUpsDeps {
  readonly service: Pick<
    RebootService,
    'rebootChanged' | 'gatesChanged' | 'roomChanged' | 'heldBack' | 'cleared'
  >;
  readonly look: (node: string) => Promise<void>;
  /** Watches what these wait for. */
  readonly follow: (held: readonly StartQuestion[]) => void;
  readonly sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  readonly logger: Logger;
}

export interface WakeUps {
  readonly onChange: (change: KubeChange) => void;
  /** What is asked of the outside, or of whom, may be another thing now: all that it holds back are asked about anew. */
  readonly policyChanged: () => void;
}

/** Nodes and Reboots change in bursts; for each of them one plan, and one look at what is held back, is enough. */
const burst = 50;

export function wakeUps(deps: WakeUpsDeps, signal: AbortSignal): WakeUps {
  const { service, look, follow, logger } = deps;
  const orNextScan = (what: string, work: Promise<void>): Promise<void> =>
    work.catch((error: unknown) => logger.warn('left to the next scan', { what, err: error }));
  const soon = { sleep: deps.sleep, after: burst, signal };
  const room = onceSoon(soon, () => orNextScan('room', service.roomChanged()));
  const held = onceSoon(soon, () => orNextScan('held', refollow()));
  /** One after the other: what is told in two pieces would ask for two nodes where one may start. */
  let asking = Promise.resolve();
  const ask = (reboots: readonly string[]): void => {
    if (signal.aborted) return;
    asking = asking.then(() => orNextScan('gates', service.cleared(reboots)));
  };
  const refollow = async (): Promise<void> => follow(service.heldBack());
  return {
    onChange(change) {
      switch (change.kind) {
        case 'reboot':
          service.rebootChanged(change.name);
          held();
          return;
        case 'pauses':
          void orNextScan('pauses', service.gatesChanged());
          return;
        case 'cleared':
          ask(change.reboots);
          return;
        case 'node':
          room();
          void orNextScan('node', look(change.node));
          return;
        case 'agent':
          void orNextScan('agent', look(change.node));
      }
    },
    policyChanged() {
      const names = service.heldBack().map(({ reboot }) => reboot.name);
      if (names.length > 0) ask(names);
      held();
    },
  };
}
