import { afterEach, describe, expect, it } from 'vitest';
import { storyHouse, type StoryHouse, workers } from './story-house.ts';

describe('a window that approves by itself', () => {
  let house: StoryHouse | undefined;
  afterEach(async () => {
    await house?.close();
    house = undefined;
  });
  const always = { days: ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'], start: '00:00', end: '00:00' };

  it(
    'says so beforehand, approves after the notice, and names the window afterwards',
    { timeout: 90_000 },
    async () => {
      house = await storyHouse({
        pools: [{ ...workers, approval: 'window', notice: '3s', windows: [always] }],
      });
      const card = await house.upgrade('worker-1');
      const told = await house.card('worker-1', /By itself|by itself/);
      expect(told.ts).toBe(card.ts);
      await house.reply(card, /Approved by the window/i);
      await house.card('worker-1', /✓/);
    },
  );

  it('does not approve what a person denied in the meantime', { timeout: 90_000 }, async () => {
    house = await storyHouse({
      pools: [{ ...workers, approval: 'window', notice: '4s', windows: [always] }],
    });
    const card = await house.upgrade('worker-1');
    const before = house.bootId('worker-1');
    await house.press('lee', card, 'Deny');
    const lee = house.slack.as(house.slack.users.lee);
    await house.slack.until(() => lee.modal(), 5000, 'the modal');
    await lee.submitModal({ values: { 'tugboot.reason': 'not today' } });
    await house.card('worker-1', /not today/);
    // The other node's rule fires after the denied one's would have.
    await house.upgrade('worker-2');
    await house.card('worker-2', /✓/);
    expect(house.bootId('worker-1')).toBe(before);
  });
});
