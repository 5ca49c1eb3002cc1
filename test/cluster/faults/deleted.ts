import { describe, expect, it } from 'vitest';
import { textAt } from '../../../src/k8s/api/json-value.ts';
import type { Story } from '../../stories/story-environment.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';
import {
  bringIntoPhases,
  dark,
  everyPhase,
  expectOneCardEach,
  letDrainGo,
  phases,
  rebootsOf,
  removeHold,
  turnsTaken,
} from './phases.ts';

/** Nodes that are deleted, as an autoscaler or a person does it. */
export function deletedFaults(story: Story<RealEnvironment>): void {
  describe('a Node is deleted', () => {
    it(
      'in each phase: its reboot ends, its turn is free, and a machine of the same name is left alone',
      story(everyPhase, async (environment) => {
        await bringIntoPhases(environment);
        await Promise.all(phases.map((node) => environment.kube('DELETE', `/api/v1/nodes/${node}`)));
        await Promise.all(phases.map((node) => environment.card(node, /is gone from the cluster/)));
        await environment.eventually(
          'no turn is taken',
          async () => (await turnsTaken(environment)).length === 0,
        );
        for (const node of phases) {
          const ended = (await rebootsOf(environment, node)).map((reboot) =>
            textAt(reboot, 'status', 'phase'),
          );
          expect([node, ended]).toEqual([node, ['Superseded']]);
        }

        // The machines live on, and boot sooner or later: then they are other Nodes under the old names.
        await Promise.all(dark.map((node) => environment.powerOn(node)));
        await Promise.all(
          [...environment.kubelets.values()]
            .filter(({ name }) => !dark.some((each) => each === name))
            .map((machine) => machine.reboot()),
        );
        await environment.until('all are back, and nobody holds them', ({ nodes }) =>
          phases.every((name) => nodes.some((node) => node.name === name && node.ready && !node.cordoned)),
        );
        const orders = await Promise.all(
          phases.map(async (node) => {
            await environment.eventually(`${node} has an agent again`, () =>
              environment.kube('GET', `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`).then(
                () => true,
                () => false,
              ),
            );
            const agent = await environment.kube('GET', `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`);
            return textAt(agent, 'spec', 'endBoot');
          }),
        );
        expect(orders).toEqual(phases.map(() => undefined));
        expectOneCardEach(environment, phases);
        await letDrainGo(environment);
        await removeHold(environment);
      }),
    );
  });
}
