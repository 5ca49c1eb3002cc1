import type { Blocker } from '../reboot/scheduling/blockers/blockers.ts';
import { PortError } from '../reboot/ports/port-error.ts';
import type { Clock } from '../reboot/time/time.ts';
import type { Gatekeeper, StartQuestion } from '../reboot/ports/outside.ts';
import type { KubeClient } from './api/client.ts';
import { listPods } from './pods/pods-on-node.ts';
import { healthyControlPlane } from './gates/control-plane-nodes.ts';
import { countedPod, type PodGate, podGates } from './gates/pod-gates.ts';

export interface KubeGatekeeperDeps {
  readonly client: KubeClient;
  readonly clock: Clock;
}

/**
 * The gates that are queried from the cluster and not watched: pods, Jobs, and the health of the API server.
 */
export const kubeGatekeeper = ({ client, clock }: KubeGatekeeperDeps): Gatekeeper => ({
  async ask(question: StartQuestion) {
    const ofPods = podGates(question, clock.now()).map((gate) =>
      closedOnError(() => queryPods(client, gate)),
    );
    const answers = await Promise.all([
      ...ofPods,
      closedOnError(() => healthyControlPlane(client, question)),
    ]);
    return distinct(answers.flat());
  },
});

async function queryPods(client: KubeClient, gate: PodGate): Promise<readonly Blocker[]> {
  const blocker = gate.blocker(await listPods(client, gate.query, (pod) => countedPod(gate, pod)));
  return blocker === undefined ? [] : [blocker];
}

/** A gate that cannot be queried is closed. */
async function closedOnError(query: () => Promise<readonly Blocker[]>): Promise<readonly Blocker[]> {
  try {
    return await query();
  } catch (error) {
    if (!(error instanceof PortError)) throw error;
    return [
      {
        code: 'gate-unreachable',
        sentence: `It cannot be told whether it may start: ${error.message}`,
        clears: 'It is asked again every few seconds.',
      },
    ];
  }
}

/** An unreachable API server gives the same blocker for every gate: keep one. */
const distinct = (blockers: readonly Blocker[]): readonly Blocker[] => [
  ...new Map(blockers.map((blocker) => [blocker.sentence, blocker])).values(),
];
