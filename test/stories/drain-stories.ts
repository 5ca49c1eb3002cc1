import { describe, expect, it } from 'vitest';
import { budget, heldDrain, ordersGiven, type Story } from './story-house.ts';

/** Drains that have to wait, and drains that are called off. */
export function drainStories(story: Story): void {
  describe('drains, by the real programs', () => {
    it(
      'a budget that allows nothing holds the drain, is named, and lets it go on when it clears',
      story({}, async (house) => {
        const { node } = await heldDrain(house);
        expect(house.node(node).cordoned).toBe(true);
        expect(house.node(node).pods.some(({ name }) => name === 'pg-0')).toBe(true);
        await budget(house, 1);
        await house.card(node, /✓/);
        await house.isFree(node);
      }),
    );

    it(
      'cancelled in mid-drain: the drain stops and the node is uncordoned; asked again, the same card carries the reboot out',
      story({}, async (house) => {
        const { node, card } = await heldDrain(house);
        const before = house.bootId(node);
        await house.press('lee', await house.card(node, /tugboot.cancel/), 'Cancel');
        const cancelled = await house.card(node, /cancelled.*tugboot\.ask-again/is);
        await house.isFree(node);
        expect(house.bootId(node)).toBe(before);
        expect(cancelled.ts).toBe(card.ts);

        await budget(house, 1);
        await house.press('lee', cancelled, 'Ask again');
        const again = await house.card(node, /◷ \S+ asks for a reboot/);
        expect(again.ts).toBe(card.ts);
        await house.press('mia', again, 'Approve now');
        await house.card(node, /✓/);
        expect(house.bootId(node)).not.toBe(before);
        await house.isFree(node);
      }),
    );

    it(
      'uncordoned by somebody in mid-drain: told in words and stopped, not fought; retried, it is cordoned again and ends proven',
      story({}, async (house) => {
        const { node, card } = await heldDrain(house);
        const before = house.bootId(node);
        await house.kube('PATCH', `/api/v1/nodes/${node}`, { spec: { unschedulable: null } });
        const stopped = await house.card(node, /✕ \S+ was uncordoned by somebody else/);
        expect(JSON.stringify(stopped.blocks)).toContain('Somebody uncordoned');
        const evictions = house.evictions();

        // There is room now, and the bot has looked: another node's question is on the table.
        await budget(house, 1);
        const other = node === 'worker-1' ? 'worker-2' : 'worker-1';
        await house.upgrade(other);
        expect(house.node(node).cordoned).toBe(false);
        expect(house.evictions()).toEqual(evictions);

        await budget(house, 3);
        await house.press('lee', stopped, 'Retry');
        await house.until('cordoned again', () => house.node(node).cordoned);
        await budget(house, 1);
        const done = await house.card(node, /✓/);
        expect(done.ts).toBe(card.ts);
        expect(house.bootId(node)).not.toBe(before);
        expect(await ordersGiven(house, node)).toBe(1);
        await house.isFree(node);
      }),
    );
  });
}
