import { afterEach, describe, expect, it } from 'vitest';
import { budget, nodeOf, storyHouse, type StoryHouse, workers } from './story-house.ts';

describe('a bot killed with kill -9', () => {
  let house: StoryHouse | undefined;
  afterEach(async () => {
    await house?.close();
    house = undefined;
  });

  it('while the card waits: another takes the decision', { timeout: 90_000 }, async () => {
    house = await storyHouse();
    const card = await house.upgrade('worker-1');
    await house.bots[0]?.kill();
    await house.anotherBot();
    await house.press('mia', card, 'Approve now');
    const done = await house.card('worker-1', /✓/);
    expect(done.ts).toBe(card.ts);
    expect(house.slack.messages().filter(({ text }) => text.includes('worker-1'))).toHaveLength(1);
  });

  it('while draining: the other replica goes on, and evicts nothing twice', { timeout: 90_000 }, async () => {
    house = await storyHouse({ bots: 2 });
    await budget(house, 3);
    const node = nodeOf(house, 'db/pg-0');
    const card = await house.upgrade(node);
    await house.press('mia', card, 'Approve now');
    await house.reply(card, /db\/pg/);
    // Whichever of the two holds the drain: one dies, and then it is the other's.
    await house.bots[0]?.kill();
    await budget(house, 1);
    await house.card(node, /✓/);
    await house.until('uncordoned', () => house?.node(node).cordoned === false);
    const evictions = house.api
      .requests()
      .filter(({ path, status }) => path.endsWith('/eviction') && status === 201);
    expect(new Set(evictions.map(({ path }) => path)).size).toBe(evictions.length);
  });

  it('while the node reboots: another proves it', { timeout: 90_000 }, async () => {
    house = await storyHouse();
    house.kubelets.get('worker-1')?.failNextBoot('never-back');
    await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
    await house.card('worker-1', /is rebooting/);
    await house.bots[0]?.kill();
    await house.anotherBot();
    await house.kubelets.get('worker-1')?.pressPowerButton();
    await house.card('worker-1', /✓/);
    await house.until('uncordoned', () => house?.node('worker-1').cordoned === false);
  });

  it('while it settles: another waits out the rest, and uncordons', { timeout: 90_000 }, async () => {
    house = await storyHouse({ pools: [{ ...workers, settleTime: '4s' }] });
    await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
    await house.card('worker-1', /settling/);
    await house.bots[0]?.kill();
    await house.anotherBot();
    await house.card('worker-1', /✓/);
    await house.until('uncordoned', () => house?.node('worker-1').cordoned === false);
  });

  it(
    'stopped with SIGTERM in mid-drain: ends in under 10 s with exit code 0, and nothing is lost',
    { timeout: 90_000 },
    async () => {
      house = await storyHouse();
      await budget(house, 3);
      const node = nodeOf(house, 'db/pg-0');
      const card = await house.upgrade(node);
      await house.press('mia', card, 'Approve now');
      await house.reply(card, /db\/pg/);
      const [bot] = house.bots;
      const began = Date.now();
      await bot?.stop();
      expect(bot?.child.exitCode).toBe(0);
      expect(Date.now() - began).toBeLessThan(10_000);
      await house.anotherBot();
      await budget(house, 1);
      await house.card(node, /✓/);
    },
  );
});
