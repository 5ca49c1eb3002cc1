import { describe, expect, it } from 'vitest';
import { redisOn } from '../jobs/redis-pair.ts';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { ordersGiven, type Story } from './story-house.ts';

/** Bots that start while Slack or Redis is away: what was begun goes on, and nothing is lost. */
export function awayStories(story: Story): void {
  describe('a bot that starts', () => {
    it(
      'while Slack is away proves and uncordons a node, and shows it when Slack is back',
      story({}, async (house) => {
        house.kubelets.get('worker-1')?.failNextBoot('never-back');
        const card = await house.upgrade('worker-1');
        await house.press('mia', card, 'Approve now');
        await house.card('worker-1', /is rebooting/);
        await house.bots[0]?.kill();
        house.slack.faults.add({ method: '*', times: 1_000_000, do: { status: 503 } });
        house.bots.push(await house.startBot());
        await house.powerOn('worker-1');
        await house.isFree('worker-1');
        expect(house.slack.sockets()).toBe(0);
        house.slack.faults.clear();
        const done = await house.card('worker-1', /✓/);
        expect(done.ts).toBe(card.ts);
        expect(await ordersGiven(house, 'worker-1')).toBe(1);
      }),
    );
  });

  describeWith('a bot that starts without its queue', { lack: lackOf('redis-server') }, () => {
    it(
      'while Redis is away stores a decision and says so, and carries it out when Redis is back',
      story({}, async (house) => {
        const { port } = new URL(house.queue.url);
        const card = await house.upgrade('worker-1');
        await house.bots[0]?.kill();
        await house.queue.stop();
        await house.anotherBot();
        await house.press('mia', card, 'Approve now');
        await house.whisper('mia', /stored in the cluster, and carried out when the work queue is back/);
        // The buttons are gone although no worker runs.
        await house.card('worker-1', /Approved|approved/);
        expect(house.node('worker-1').cordoned).toBe(false);
        const redis = await redisOn(Number(port));
        try {
          await house.card('worker-1', /✓/);
          await house.isFree('worker-1');
          expect(await ordersGiven(house, 'worker-1')).toBe(1);
        } finally {
          await redis.stop();
        }
      }),
    );
  });
}
