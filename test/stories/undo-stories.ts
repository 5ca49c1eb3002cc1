import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { why } from './commands.ts';
import type { DemoStage } from './demo-stage.ts';
import {
  budget,
  heldDrain,
  nodeOf,
  ordersGiven,
  type Story,
  type StoryHouse,
  workers,
} from './story-house.ts';

const five = [1, 2, 3, 4, 5].map((nth) => ({ name: `worker-${nth}`, controlPlane: false }));
const restsLong = { ...workers, drain: { timeout: '20s', retryAfter: ['1h'] } };
const withoutRetries = { ...workers, maxUnavailable: 3, drain: { timeout: '20s', retryAfter: [] } };

/** Number of replies about an undone drain; no other reply has this text. */
const undoneReplies = (house: StoryHouse, card: { channel: string; ts: string }): number =>
  house.slack.thread(card.channel, card.ts).filter(({ text }) => text.includes('drain was undone')).length;

async function phaseOf(house: StoryHouse, node: string): Promise<string | undefined> {
  const reboots = await house.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots');
  const own = listAt(reboots, 'items').filter((reboot) => textAt(reboot, 'spec', 'node') === node);
  return textAt(own.at(-1), 'status', 'phase');
}

/** A node without a database pod, whose drain no budget blocks. */
function freeNode(house: StoryHouse): string {
  const database = new Set(['db/pg-0', 'db/pg-1', 'db/pg-2'].map((pod) => nodeOf(house, pod)));
  const found = five.find(({ name }) => !database.has(name));
  if (!found) throw new Error('the database is everywhere');
  return found.name;
}

/** Drains that do not end in time. */
export function undoStories(story: Story): void {
  describe('a drain that does not end in time', () => {
    it(
      'by a budget that never allows it is undone: the node takes pods again, the thread says once why and asks; retried with room, it goes on by the same approval',
      story({ pools: [restsLong] }, async (house) => {
        const { node, card } = await heldDrain(house);
        const before = house.bootId(node);
        await house.reply(
          card,
          /drain was undone: budget db\/pg never allows it as it is written .* The node takes pods again; trying again would not help/,
        );
        await house.isFree(node);
        const asks = await house.card(node, /waits for somebody to decide.*tugboot\.retry/s);
        await why(house, node, /Its drain was undone, and trying again would not help/);
        expect(house.bootId(node)).toBe(before);
        await budget(house, 1);
        await house.press('lee', asks, 'Retry');
        const done = await house.card(node, /✓/);
        expect(done.ts).toBe(card.ts);
        expect(JSON.stringify(done.blocks)).toContain('U0MIA');
        expect(await ordersGiven(house, node)).toBe(1);
        expect(undoneReplies(house, card)).toBe(1);
        await house.isFree(node);
      }),
    );

    it(
      'gives its turn to the next node, and after the last try asks in the channel; forced by somebody, it is rebooted',
      story({ nodes: five, pools: [withoutRetries] }, async (house) => {
        const { node, card } = await heldDrain(house);
        const other = freeNode(house);
        await house.press('lee', await house.upgrade(other), 'Approve now');
        await house.card(other, /✓/);
        const asks = await house.card(node, /could not be drained, and waits for somebody to decide/);
        await house.reply(card, /could not be drained.*somebody has to decide/s);
        await house.isFree(node);
        expect(undoneReplies(house, card)).toBe(1);
        await house.press('lee', asks, 'Force');
        await house.submit('lee', { 'tugboot.reason': 'the database is in maintenance' });
        await house.card(node, /✓/);
        expect(await ordersGiven(house, node)).toBe(1);
      }),
    );
  });
}

/** Stories that need fault injection in the API server. */
export function undoKilledStories(story: Story<DemoStage>): void {
  it(
    'a bot killed with kill -9 while it puts a node back: another ends it, and tells it once',
    story({ pools: [restsLong], programs: 'bundled' }, async (house) => {
      const { node, card } = await heldDrain(house);
      const before = house.bootId(node);
      const path = new RegExp(`^/api/v1/nodes/${node}(\\?|$)`);
      const mend = house.faults.add({ verb: 'patch', path, do: { status: 500 } });
      await house.eventually(
        'the drain is being undone',
        async () => (await phaseOf(house, node)) === 'Undoing',
      );
      await house.bots[0]?.kill();
      expect(house.node(node).cordoned).toBe(true);
      await house.anotherBot();
      expect(await phaseOf(house, node)).toBe('Undoing');
      mend();
      await house.isFree(node);
      const asks = await house.card(node, /waits for somebody to decide/);
      expect(house.bootId(node)).toBe(before);
      await budget(house, 1);
      await house.press('lee', asks, 'Retry');
      await house.card(node, /✓/);
      expect(await ordersGiven(house, node)).toBe(1);
      expect(undoneReplies(house, card)).toBe(1);
    }),
  );
}
