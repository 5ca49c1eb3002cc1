import { describe, expect, it } from 'vitest';
import { budget, heldDrain, ordersGiven, type Story, workers } from './story-house.ts';

/** Bots that are killed during an operation. */
export function killedStories(story: Story): void {
  describe('a bot killed with kill -9', () => {
    it(
      'while the card waits: another takes the decision',
      story({ programs: 'bundled' }, async (house) => {
        const card = await house.upgrade('worker-1');
        await house.bots[0]?.kill();
        await house.anotherBot();
        await house.press('mia', card, 'Approve now');
        const done = await house.card('worker-1', /✓/);
        expect(done.ts).toBe(card.ts);
        expect(house.slack.messages().filter(({ text }) => text.includes('worker-1'))).toHaveLength(1);
      }),
    );

    it(
      'while an approved reboot waits for its start: another starts it, on the same approval',
      story({ programs: 'bundled' }, async (house) => {
        // A node that a person took out of service leaves no room for another one.
        await house.kube('PATCH', '/api/v1/nodes/worker-2', { spec: { unschedulable: true } });
        const card = await house.upgrade('worker-1');
        await house.press('mia', card, 'Approve now');
        await house.card('worker-1', /worker-2/);
        expect(house.node('worker-1').cordoned).toBe(false);
        await house.bots[0]?.kill();
        await house.kube('PATCH', '/api/v1/nodes/worker-2', { spec: { unschedulable: null } });
        await house.anotherBot();
        const done = await house.card('worker-1', /✓/);
        expect(JSON.stringify(done.blocks)).toContain('U0MIA');
        expect(await ordersGiven(house, 'worker-1')).toBe(1);
      }),
    );

    it(
      'while draining: the other replica goes on, and evicts nothing twice',
      story({ bots: 2, programs: 'bundled' }, async (house) => {
        const { node } = await heldDrain(house);
        // Either of the two may hold the drain: one is killed, and the other takes it over.
        await house.bots[0]?.kill();
        await budget(house, 1);
        await house.card(node, /✓/);
        await house.isFree(node);
        expect(await ordersGiven(house, node)).toBe(1);
        const evictions = house.evictions();
        expect(evictions.length).toBeGreaterThan(0);
        expect(new Set(evictions).size).toBe(evictions.length);
      }),
    );

    it(
      'while the node reboots: another proves it',
      story({ programs: 'bundled' }, async (house) => {
        house.kubelets.get('worker-1')?.failNextBoot('never-back');
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        await house.card('worker-1', /is rebooting/);
        await house.bots[0]?.kill();
        await house.anotherBot();
        await house.powerOn('worker-1');
        await house.card('worker-1', /✓/);
        await house.isFree('worker-1');
        expect(await ordersGiven(house, 'worker-1')).toBe(1);
      }),
    );

    it(
      'while it settles: another waits out the rest, and uncordons',
      story({ pools: [{ ...workers, settleTime: '15s' }], programs: 'bundled' }, async (house) => {
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        await house.card('worker-1', /settling/);
        await house.bots[0]?.kill();
        await house.anotherBot();
        await house.card('worker-1', /✓/);
        await house.isFree('worker-1');
      }),
    );
  });

  describe('a bot told to stop with SIGTERM', () => {
    it(
      'in mid-drain ends by itself with exit code 0, and nothing is lost',
      story({ programs: 'bundled' }, async (house) => {
        const { node } = await heldDrain(house);
        const [bot] = house.bots;
        await bot?.stop();
        expect(bot?.child?.exitCode).toBe(0);
        await house.anotherBot();
        await budget(house, 1);
        await house.card(node, /✓/);
        expect(await ordersGiven(house, node)).toBe(1);
      }),
    );

    it(
      'while Redis is gone ends all the same, by itself and with exit code 0',
      story({ programs: 'bundled' }, async (house) => {
        await heldDrain(house);
        await house.queue.stop();
        const ended = new Promise<number | null>((resolve) => house.bots[0]?.child?.once('exit', resolve));
        house.bots[0]?.child?.kill('SIGTERM');
        expect(await ended).toBe(0);
      }),
    );
  });
}
