import { describe, expect, it } from 'vitest';
import { budget, heldDrain, type Story, type StoryHouse, workers } from './story-house.ts';

const takeMarkOff = (house: StoryHouse, node: string): Promise<unknown> =>
  house.kube('PATCH', `/api/v1/nodes/${node}`, {
    metadata: { annotations: { 'tugboot.dev/cordoned-by': null } },
  });

const cordon = (house: StoryHouse, node: string, unschedulable: boolean): Promise<unknown> =>
  house.kube('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable } });

/** What people do with kubectl while a reboot is under way. */
export function handStories(story: Story): void {
  describe('hands in the cluster', () => {
    it(
      'our mark taken off the cordon in mid-drain: the node reboots, stays cordoned, and everybody is told',
      story({}, async (house) => {
        const { node, card } = await heldDrain(house);
        await takeMarkOff(house, node);
        await budget(house, 1);
        await house.card(node, /‖ \S+ rebooted in .* and stays cordoned.*kubectl uncordon/s);
        await house.reply(card, /stays cordoned: somebody else cordoned it/);
        expect(house.node(node).cordoned).toBe(true);
        await house.eventually('an Event says so', async () => {
          const { items } = await house.kube('GET', '/api/v1/namespaces/default/events');
          return (items as { reason?: string }[]).some(({ reason }) => reason === 'RebootStaysCordoned');
        });
        await cordon(house, node, false);
      }),
    );

    it(
      'a node uncordoned and cordoned again by hand while it settles: it stays cordoned, and that is said',
      story({ pools: [{ ...workers, settleTime: '20s' }] }, async (house) => {
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        await house.card('worker-1', /is back and settling/);
        await cordon(house, 'worker-1', false);
        await house.eventually('our mark goes with our cordon', async () => {
          const { metadata } = await house.kube('GET', '/api/v1/nodes/worker-1');
          const { annotations } = metadata as { annotations?: Record<string, string> };
          return annotations?.['tugboot.dev/cordoned-by'] === undefined;
        });
        await cordon(house, 'worker-1', true);
        await house.card('worker-1', /stays cordoned/);
        expect(house.node('worker-1').cordoned).toBe(true);
        await cordon(house, 'worker-1', false);
      }),
    );
  });
}
