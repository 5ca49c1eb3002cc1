import { describe, expect, it } from 'vitest';
import { type Received, openService } from '../gates/service-of-a-test.ts';
import { why } from './commands.ts';
import { ordersGiven, type Story, workers } from './story-house.ts';

interface WebhookPayload {
  readonly hook: { readonly step: string; readonly id: string };
  readonly node: { readonly name: string };
}
const payloadOf = ({ body }: Received): WebhookPayload => JSON.parse(body) as WebhookPayload;
const notYet = { status: 409, body: { reason: 'ceph rebalances' } };
const yes = { status: 200, body: '' };

/** `hooks.before` and `hooks.after`, with a real webhook. */
export function webhookHookStories(story: Story): void {
  describe('a webhook that a reboot waits for', () => {
    it('says not yet, its bot is killed with kill -9, it says yes to the next one: one id, one order, and a node that is empty', async () => {
      const hook = await openService(() => notYet);
      const hooks = { before: { url: hook.url } };
      await story({ pools: [{ ...workers, hooks }], programs: 'bundled' }, async (house) => {
        const node = 'worker-1';
        const before = house.bootId(node);
        await house.press('mia', await house.upgrade(node), 'Approve now');
        await house.card(node, /drained and reboots soon.*The hook before the reboot says not yet: ceph/s);
        await why(house, node, /Waits for the hook before the reboot/);
        await house.bots[0]?.kill();
        const asked = hook.received.length;
        await house.anotherBot();
        await house.eventually('the next bot asks', () => hook.received.length > asked);
        expect([house.bootId(node), await ordersGiven(house, node)]).toEqual([before, 0]);
        expect(house.node(node).cordoned).toBe(true);
        hook.respond = () => yes;
        await house.card(node, /✓/);
        await house.isFree(node);
        expect(new Set(hook.received.map((one) => payloadOf(one).hook.id)).size).toBe(1);
        expect(payloadOf(hook.received[0] as Received)).toMatchObject({
          hook: { step: 'before' },
          node: { name: node },
        });
        expect(await ordersGiven(house, node)).toBe(1);
      })();
      await hook.close();
    });

    it('fails where it may not: nothing is rebooted, the node stays cordoned, and a retry asks anew', async () => {
      const hook = await openService(() => ({ status: 409, body: { reason: 'no backup', final: true } }));
      const hooks = { before: { url: hook.url, timeout: '10s' } };
      await story({ pools: [{ ...workers, hooks }] }, async (house) => {
        const node = 'worker-1';
        const before = house.bootId(node);
        await house.press('mia', await house.upgrade(node), 'Approve now');
        const card = await house.card(
          node,
          /was stopped by a hook.*The hook before the reboot says no: no backup/s,
        );
        await house.reply(card, /was stopped by a hook of its pool/);
        expect([house.bootId(node), house.node(node).cordoned]).toEqual([before, true]);
        expect(hook.received).toHaveLength(1);
        hook.respond = () => yes;
        await house.press('lee', card, 'Retry');
        await house.card(node, /✓/);
        expect(hook.received).toHaveLength(2);
        expect(new Set(hook.received.map((one) => payloadOf(one).hook.id)).size).toBe(2);
      })();
      await hook.close();
    });

    it('fails where it may: the node is proven, stays cordoned for its time, and is then given back, which the thread tells', async () => {
      const hook = await openService(() => ({ status: 500, body: 'secret details' }));
      const hooks = { after: { url: hook.url, timeout: '10s', onFailure: 'continue' } };
      await story({ pools: [{ ...workers, hooks }] }, async (house) => {
        const node = 'worker-1';
        const before = house.bootId(node);
        await house.press('mia', await house.upgrade(node), 'Approve now');
        await house.card(node, /Waits for the hook after the reboot.*it answers with status 500/s);
        expect(house.bootId(node)).not.toBe(before);
        expect(house.node(node).cordoned).toBe(true);
        const done = await house.card(node, /✓/);
        await house.isFree(node);
        await house.reply(done, /status 500\. It had 10 s to say yes\. The reboot goes on without it/);
        // At the start, and at the deadline.
        expect(hook.received.map((one) => payloadOf(one).hook.step)).toEqual(['after', 'after']);
        expect(JSON.stringify(house.slack.thread(done.channel, done.ts))).not.toContain('secret details');
      })();
      await hook.close();
    });
  });
}
