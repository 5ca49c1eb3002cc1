import type { Blocker } from '../../reboot/scheduling/blockers/blockers.ts';
import {
  rolloutHalted,
  uncounted,
  type WorkloadBefore,
  workloadKey,
  type WorkloadNow,
} from '../../reboot/nodes/workloads.ts';
import { PortError } from '../../reboot/ports/port-error.ts';
import { type Clock, second } from '../../reboot/time/time.ts';
import type { Gatekeeper } from '../../reboot/ports/outside.ts';
import { sharedReadings } from '../../timing/shared-readings.ts';
import type { KubeClient } from '../api/client.ts';
import { readWorkloads } from './workload-readings.ts';

/** Cache lifetime: the nodes of a stage query within moments of each other. */
const cachedFor = 3 * second;

const unknownReadiness = (why: string): Blocker => ({
  code: 'gate-unreachable',
  sentence: `It cannot be told whether the workloads are as ready as before: ${why}`,
  clears: 'It is asked again every few seconds.',
});

/**
 * Whether the workloads of the nodes that are done are as ready as before. Queried before a rollout starts
 * its next stage.
 */
export function workloadGatekeeper({
  client,
  clock,
}: {
  readonly client: KubeClient;
  readonly clock: Clock;
}): Gatekeeper {
  const readings = sharedReadings<readonly WorkloadNow[]>(clock, cachedFor);
  const read = (before: readonly WorkloadBefore[]): Promise<readonly WorkloadNow[]> =>
    readings.read(before.map((workload) => workloadKey(workload)).join('\n'), () =>
      readWorkloads(client, before),
    );

  return {
    async ask({ pool, before = [] }) {
      if (before.length === 0) return [];
      try {
        const found = await read(before);
        const halted = rolloutHalted(pool.name, before, found);
        if (halted !== undefined) return [halted];
        const [unknown] = uncounted(before, found);
        return unknown === undefined
          ? []
          : [
              unknownReadiness(
                `${workloadKey(unknown)} was changed, and its pods have not been counted since.`,
              ),
            ];
      } catch (error) {
        if (!(error instanceof PortError)) throw error;
        return [unknownReadiness(error.message)];
      }
    },
  };
}
