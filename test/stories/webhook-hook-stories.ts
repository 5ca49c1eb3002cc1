import { describe, expect, it } from 'vitest';
import { type Received, openService } from '../gates/service-of-a-test.ts';
import { why } from './commands.ts';
import { ordersGiven, type Story, workers } from './story-environment.ts';

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
      await story({ pools: [{ ...workers, hooks }], programs: 'bundled' }, async (environment) => {
        const node = 'worker-1';
        const before = environment.bootId(node);
        await environment.press('mia', await environment.upgrade(node), 'Approve now');
        await environment.card(
          node,
          /drained and reboots soon.*The hook before the reboot says not yet: ceph/s,
        );
        await why(environment, node, /Waits for the hook before the reboot/);
        await environment.bots[0]?.kill();
        const asked = hook.received.length;
        await environment.anotherBot();
        await environment.eventually('the next bot asks', () => hook.received.length > asked);
        expect([environment.bootId(node), await ordersGiven(environment, node)]).toEqual([before, 0]);
        expect(environment.node(node).cordoned).toBe(true);
        hook.respond = () => yes;
        await environment.card(node, /✓/);
        await environment.isFree(node);
        expect(new Set(hook.received.map((one) => payloadOf(one).hook.id)).size).toBe(1);
        expect(payloadOf(hook.received[0] as Received)).toMatchObject({
          hook: { step: 'before' },
          node: { name: node },
        });
        expect(await ordersGiven(environment, node)).toBe(1);
      })();
      await hook.close();
    });

    it('fails where it may not: nothing is rebooted, the node stays cordoned, and a retry asks anew', async () => {
      const hook = await openService(() => ({ status: 409, body: { reason: 'no backup', final: true } }));
      const hooks = { before: { url: hook.url, timeout: '10s' } };
      await story({ pools: [{ ...workers, hooks }] }, async (environment) => {
        const node = 'worker-1';
        const before = environment.bootId(node);
        await environment.press('mia', await environment.upgrade(node), 'Approve now');
        const card = await environment.card(
          node,
          /was stopped by a hook.*The hook before the reboot says no: no backup/s,
        );
        await environment.reply(card, /was stopped by a hook of its pool/);
        expect([environment.bootId(node), environment.node(node).cordoned]).toEqual([before, true]);
        expect(hook.received).toHaveLength(1);
        hook.respond = () => yes;
        await environment.press('lee', card, 'Retry');
        await environment.card(node, /✓/);
        expect(hook.received).toHaveLength(2);
        expect(new Set(hook.received.map((one) => payloadOf(one).hook.id)).size).toBe(2);
      })();
      await hook.close();
    });

    it('fails where it may: the node is proven, stays cordoned for its time, and is then given back, which the thread tells', async () => {
      const hook = await openService(() => ({ status: 500, body: 'secret details' }));
      const hooks = { after: { url: hook.url, timeout: '10s', onFailure: 'continue' } };
      await story({ pools: [{ ...workers, hooks }] }, async (environment) => {
        const node = 'worker-1';
        const before = environment.bootId(node);
        await environment.press('mia', await environment.upgrade(node), 'Approve now');
        await environment.card(node, /Waits for the hook after the reboot.*it answers with status 500/s);
        expect(environment.bootId(node)).not.toBe(before);
        expect(environment.node(node).cordoned).toBe(true);
        const done = await environment.card(node, /✓/);
        await environment.isFree(node);
        await environment.reply(done, /status 500\. It had 10 s to say yes\. The reboot goes on without it/);
        // At the start, and at the deadline.
        expect(hook.received.map((one) => payloadOf(one).hook.step)).toEqual(['after', 'after']);
        expect(JSON.stringify(environment.slack.thread(done.channel, done.ts))).not.toContain(
          'secret details',
        );
      })();
      await hook.close();
    });
  });
}
