import { Redis } from 'ioredis';
import { afterEach, describe, expect, it } from 'vitest';
import { budget, nodeOf, patience, storyHouse, type StoryHouse, workers } from './story-house.ts';

describe('when things go wrong', () => {
  let house: StoryHouse | undefined;
  afterEach(async () => {
    await house?.close();
    house = undefined;
  });

  it(
    'the node that does not come back: told, cordoned, the pool halted; skip lets the pool go on',
    { timeout: 90_000 },
    async () => {
      const nodes = ['worker-1', 'worker-2', 'worker-3'].map((name) => ({ name, controlPlane: false }));
      house = await storyHouse({ nodes, pools: [{ ...workers, rebootTimeout: '3s', maxUnavailable: 2 }] });
      house.kubelets.get('worker-1')?.failNextBoot('never-back');
      const card = await house.upgrade('worker-1');
      await house.press('mia', card, 'Approve now');
      const failed = await house.card('worker-1', /did not come back/);
      expect(failed.ts).toBe(card.ts);
      expect(house.node('worker-1').cordoned).toBe(true);

      const second = await house.upgrade('worker-2');
      await house.press('lee', second, 'Approve now');
      await house.card('worker-2', /worker-1 failed/);
      await house.press('mia', await house.card('worker-1', /tugboot.skip/), 'Skip');
      await house.card('worker-2', /✓/);
      expect(house.node('worker-1').cordoned).toBe(true);
    },
  );

  it(
    'the node that comes back late, after it was given up, is proven all the same',
    { timeout: 90_000 },
    async () => {
      house = await storyHouse({ pools: [{ ...workers, rebootTimeout: '2s' }] });
      const machine = house.kubelets.get('worker-1');
      machine?.failNextBoot('never-back');
      await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
      await house.card('worker-1', /did not come back/);
      await machine?.pressPowerButton();
      await house.card('worker-1', /✓/);
      await house.until('uncordoned', () => house?.node('worker-1').cordoned === false);
    },
  );

  it(
    'the node that comes back and still wants a reboot: no loop, told, cordoned',
    { timeout: 90_000 },
    async () => {
      house = await storyHouse();
      house.kubelets.get('worker-1')?.failNextBoot('still-required');
      await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
      const boot = house.bootId('worker-1');
      await house.slack.until(
        () => house?.slack.messages().find(({ text, byApp }) => byApp && /✕.*worker-1/.test(text)),
        patience,
        'the failure',
      );
      expect(house.bootId('worker-1')).not.toBe(boot);
      expect(house.node('worker-1').cordoned).toBe(true);
    },
  );

  it('Redis flushed in mid-drain: the drain goes on, once', { timeout: 120_000 }, async () => {
    house = await storyHouse();
    await budget(house, 3);
    const node = nodeOf(house, 'db/pg-0');
    const card = await house.upgrade(node);
    await house.press('mia', card, 'Approve now');
    await house.reply(card, /db\/pg/);
    const redis = new Redis(house.queue.url);
    await redis.flushall();
    redis.disconnect();
    await budget(house, 1);
    await house.card(node, /✓/);
    expect(orders(house, node)).toBe(1);
    await house.until('uncordoned', () => house?.node(node).cordoned === false);
  });

  it(
    'Slack cut off and back: the decision waits for nobody, the card catches up',
    { timeout: 90_000 },
    async () => {
      house = await storyHouse();
      const card = await house.upgrade('worker-1');
      const back = house.nextConnection();
      house.slack.dropSockets();
      house.slack.faults.add({ method: 'chat.update', times: 3, do: { status: 500 } });
      await back;
      await house.press('mia', card, 'Approve now');
      await house.card('worker-1', /✓/);
    },
  );
});

/** How often the bot gave an order for a boot of a node: writes of a value, not withdrawals. */
function orders(house: StoryHouse, node: string): number {
  const path = `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`;
  const writes = house.api
    .requests()
    .filter((request) => request.verb === 'patch' && request.path === path && request.status === 200);
  // An order and its withdrawal.
  return Math.ceil(writes.length / 2);
}
