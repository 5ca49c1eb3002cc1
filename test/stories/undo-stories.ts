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
  type StoryEnvironment,
  workers,
} from './story-environment.ts';

const five = [1, 2, 3, 4, 5].map((nth) => ({ name: `worker-${nth}`, controlPlane: false }));
const restsLong = { ...workers, drain: { timeout: '20s', retryAfter: ['1h'] } };
const withoutRetries = { ...workers, maxUnavailable: 3, drain: { timeout: '20s', retryAfter: [] } };

/** Number of replies about an undone drain; no other reply has this text. */
const undoneReplies = (environment: StoryEnvironment, card: { channel: string; ts: string }): number =>
  environment.slack.thread(card.channel, card.ts).filter(({ text }) => text.includes('drain was undone'))
    .length;

async function phaseOf(environment: StoryEnvironment, node: string): Promise<string | undefined> {
  const reboots = await environment.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots');
  const own = listAt(reboots, 'items').filter((reboot) => textAt(reboot, 'spec', 'node') === node);
  return textAt(own.at(-1), 'status', 'phase');
}

/** A node without a database pod, whose drain no budget blocks. */
function freeNode(environment: StoryEnvironment): string {
  const database = new Set(['db/pg-0', 'db/pg-1', 'db/pg-2'].map((pod) => nodeOf(environment, pod)));
  const found = five.find(({ name }) => !database.has(name));
  if (!found) throw new Error('the database is everywhere');
  return found.name;
}

/** Drains that do not end in time. */
export function undoStories(story: Story): void {
  describe('a drain that does not end in time', () => {
    it(
      'by a budget that never allows it is undone: the node takes pods again, the thread says once why and asks; retried with room, it goes on by the same approval',
      story({ pools: [restsLong] }, async (environment) => {
        const { node, card } = await heldDrain(environment);
        const before = environment.bootId(node);
        await environment.reply(
          card,
          /drain was undone: budget db\/pg never allows it as it is written .* The node takes pods again; trying again would not help/,
        );
        await environment.isFree(node);
        const asks = await environment.card(node, /waits for somebody to decide.*tugboot\.retry/s);
        await why(environment, node, /Its drain was undone, and trying again would not help/);
        expect(environment.bootId(node)).toBe(before);
        await budget(environment, 1);
        await environment.press('lee', asks, 'Retry');
        const done = await environment.card(node, /✓/);
        expect(done.ts).toBe(card.ts);
        expect(JSON.stringify(done.blocks)).toContain('U0MIA');
        expect(await ordersGiven(environment, node)).toBe(1);
        expect(undoneReplies(environment, card)).toBe(1);
        await environment.isFree(node);
      }),
    );

    it(
      'gives its turn to the next node, and after the last try asks in the channel; forced by somebody, it is rebooted',
      story({ nodes: five, pools: [withoutRetries] }, async (environment) => {
        const { node, card } = await heldDrain(environment);
        const other = freeNode(environment);
        await environment.press('lee', await environment.upgrade(other), 'Approve now');
        await environment.card(other, /✓/);
        const asks = await environment.card(node, /could not be drained, and waits for somebody to decide/);
        await environment.reply(card, /could not be drained.*somebody has to decide/s);
        await environment.isFree(node);
        expect(undoneReplies(environment, card)).toBe(1);
        await environment.press('lee', asks, 'Force');
        await environment.submit('lee', { 'tugboot.reason': 'the database is in maintenance' });
        await environment.card(node, /✓/);
        expect(await ordersGiven(environment, node)).toBe(1);
      }),
    );
  });
}

/** Stories that need fault injection in the API server. */
export function undoKilledStories(story: Story<DemoStage>): void {
  it(
    'a bot killed with kill -9 while it puts a node back: another ends it, and tells it once',
    story({ pools: [restsLong], programs: 'bundled' }, async (environment) => {
      const { node, card } = await heldDrain(environment);
      const before = environment.bootId(node);
      const path = new RegExp(`^/api/v1/nodes/${node}(\\?|$)`);
      const mend = environment.faults.add({ verb: 'patch', path, do: { status: 500 } });
      await environment.eventually(
        'the drain is being undone',
        async () => (await phaseOf(environment, node)) === 'Undoing',
      );
      await environment.bots[0]?.kill();
      expect(environment.node(node).cordoned).toBe(true);
      await environment.anotherBot();
      expect(await phaseOf(environment, node)).toBe('Undoing');
      mend();
      await environment.isFree(node);
      const asks = await environment.card(node, /waits for somebody to decide/);
      expect(environment.bootId(node)).toBe(before);
      await budget(environment, 1);
      await environment.press('lee', asks, 'Retry');
      await environment.card(node, /✓/);
      expect(await ordersGiven(environment, node)).toBe(1);
      expect(undoneReplies(environment, card)).toBe(1);
    }),
  );
}
