import { describe, expect, it } from 'vitest';
import { budget, heldDrain, ordersGiven, type Story, workers } from './story-environment.ts';

/** Bots that are killed during an operation. */
export function killedStories(story: Story): void {
  describe('a bot killed with kill -9', () => {
    it(
      'while the card waits: another takes the decision',
      story({ programs: 'bundled' }, async (environment) => {
        const card = await environment.upgrade('worker-1');
        await environment.bots[0]?.kill();
        await environment.anotherBot();
        await environment.press('mia', card, 'Approve now');
        const done = await environment.card('worker-1', /✓/);
        expect(done.ts).toBe(card.ts);
        expect(environment.slack.messages().filter(({ text }) => text.includes('worker-1'))).toHaveLength(1);
      }),
    );

    it(
      'while an approved reboot waits for its start: another starts it, on the same approval',
      story({ programs: 'bundled' }, async (environment) => {
        // A node that a person took out of service leaves no room for another one.
        await environment.kube('PATCH', '/api/v1/nodes/worker-2', { spec: { unschedulable: true } });
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /worker-2/);
        expect(environment.node('worker-1').cordoned).toBe(false);
        await environment.bots[0]?.kill();
        await environment.kube('PATCH', '/api/v1/nodes/worker-2', { spec: { unschedulable: null } });
        await environment.anotherBot();
        const done = await environment.card('worker-1', /✓/);
        expect(JSON.stringify(done.blocks)).toContain('U0MIA');
        expect(await ordersGiven(environment, 'worker-1')).toBe(1);
      }),
    );

    it(
      'while draining: the other replica goes on, and evicts nothing twice',
      story({ bots: 2, programs: 'bundled' }, async (environment) => {
        const { node } = await heldDrain(environment);
        // Either of the two may hold the drain: one is killed, and the other takes it over.
        await environment.bots[0]?.kill();
        await budget(environment, 1);
        await environment.card(node, /✓/);
        await environment.isFree(node);
        expect(await ordersGiven(environment, node)).toBe(1);
        const evictions = environment.evictions();
        expect(evictions.length).toBeGreaterThan(0);
        expect(new Set(evictions).size).toBe(evictions.length);
      }),
    );

    it(
      'while the node reboots: another proves it',
      story({ programs: 'bundled' }, async (environment) => {
        environment.kubelets.get('worker-1')?.failNextBoot('never-back');
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /is rebooting/);
        await environment.bots[0]?.kill();
        await environment.anotherBot();
        await environment.powerOn('worker-1');
        await environment.card('worker-1', /✓/);
        await environment.isFree('worker-1');
        expect(await ordersGiven(environment, 'worker-1')).toBe(1);
      }),
    );

    it(
      'while it settles: another waits out the rest, and uncordons',
      story({ pools: [{ ...workers, settleTime: '15s' }], programs: 'bundled' }, async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /settling/);
        await environment.bots[0]?.kill();
        await environment.anotherBot();
        await environment.card('worker-1', /✓/);
        await environment.isFree('worker-1');
      }),
    );
  });

  describe('a bot told to stop with SIGTERM', () => {
    it(
      'in mid-drain ends by itself with exit code 0, and nothing is lost',
      story({ programs: 'bundled' }, async (environment) => {
        const { node } = await heldDrain(environment);
        const [bot] = environment.bots;
        await bot?.stop();
        expect(bot?.child?.exitCode).toBe(0);
        await environment.anotherBot();
        await budget(environment, 1);
        await environment.card(node, /✓/);
        expect(await ordersGiven(environment, node)).toBe(1);
      }),
    );

    it(
      'while Redis is gone ends all the same, by itself and with exit code 0',
      story({ programs: 'bundled' }, async (environment) => {
        await heldDrain(environment);
        await environment.queue.stop();
        const ended = new Promise<number | null>((resolve) =>
          environment.bots[0]?.child?.once('exit', resolve),
        );
        environment.bots[0]?.child?.kill('SIGTERM');
        expect(await ended).toBe(0);
      }),
    );
  });
}
