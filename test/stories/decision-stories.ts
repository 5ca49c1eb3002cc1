import { at } from '../../src/k8s/api/json-value.ts';
import { describe, expect, it } from 'vitest';
import { budget, nodeOf, scraped, type Story } from './story-house.ts';

/** Decisions of people in Slack, and their effects. */
export function decisionStories(story: Story): void {
  describe('decisions in Slack', () => {
    it(
      'the main job: card, approval, drain, reboot, proof, uncordon, told in the thread',
      story({ programs: 'bundled' }, async (house) => {
        const before = house.bootId('worker-1');
        const card = await house.upgrade('worker-1');
        expect(JSON.stringify(card.blocks)).toContain('6.8.0-45-generic');
        await house.press('mia', card, 'Approve now');
        await house.reply(card, /Approved by <@U0MIA>/);
        const done = await house.card('worker-1', /✓/);
        expect(done.ts).toBe(card.ts);
        expect(JSON.stringify(done.blocks)).not.toContain('tugboot.approve-now');
        await house.reply(card, /Back with kernel/);
        await house.isFree('worker-1');
        expect(house.bootId('worker-1')).not.toBe(before);
        const metrics = await scraped(house);
        for (const line of [
          'tugboot_reboots_ended_total{pool="workers",result="Succeeded"} 1',
          'tugboot_decisions_total{pool="workers",decision="approved",by="user"} 1',
          'tugboot_drains_total{pool="workers",outcome="drained"} 1',
          'tugboot_reboot_duration_seconds_count{pool="workers"} 1',
          'tugboot_turns{pool="workers"} 0',
          'tugboot_part_up{part="slack"} 1',
          'tugboot_queue_jobs{queue="drains",state="waiting"} 0',
          'tugboot_jobs_total{job="drain",result="ok"} 1',
        ])
          expect(metrics).toContain(line);
        expect(metrics).toMatch(/^tugboot_evictions_total\{answer="accepted"\} [1-9]/m);
        expect(metrics).toMatch(/^tugboot_slack_calls_total\{method="chat.postMessage",result="ok"\} [1-9]/m);
      }),
    );

    it(
      'decided in the App Home: what waits for mia, one click there, and the end of it without a reload',
      story({}, async (house) => {
        const before = house.bootId('worker-1');
        await house.upgrade('worker-1');
        const mia = house.slack.as(house.slack.users.mia);
        const shows = (wished: RegExp) =>
          house.eventually(`a Home like ${String(wished)}`, () =>
            wished.test(JSON.stringify(mia.home()?.body['blocks'] ?? [])),
          );
        await mia.openHome();
        await shows(/Waits for you\* 1 node.*worker-1 asks for a reboot.*tugboot\.approve-now/s);
        expect(await mia.clickInHome({ action: 'Approve now' })).toEqual({ kind: 'acked' });
        await shows(/Waits for you\*\\nNothing/);
        await shows(/\*Last\*.*✓.*worker-1/s);
        expect(house.bootId('worker-1')).not.toBe(before);
        const gio = house.slack.as(house.slack.users.gio);
        await house.upgrade('worker-2');
        await gio.openHome();
        await house.eventually('the Home of a guest, without buttons', () =>
          JSON.stringify(gio.home()?.body['blocks'] ?? []).includes('Asks others'),
        );
        expect(JSON.stringify(gio.home()?.body)).not.toContain('"type":"button"');
      }),
    );

    it(
      'asked for with kubectl: an annotation makes a card, is taken away, and waits for a decision like every other wish',
      story({}, async (house) => {
        const annotation = 'tugboot.dev/reboot-requested';
        await house.kube('PATCH', '/api/v1/nodes/worker-2', {
          metadata: { annotations: { [annotation]: 'new firmware' } },
        });
        const card = await house.card('worker-2', /Asked for by\* somebody with kubectl/);
        await house.eventually('the annotation is gone', async () => {
          const node = await house.kube('GET', '/api/v1/nodes/worker-2');
          return at(node, 'metadata', 'annotations', annotation) === undefined;
        });
        await house.press('mia', card, 'Approve now');
        await house.card('worker-2', /✓/);
      }),
    );

    it(
      'denied: the reason is asked, kept and shown, and nothing is rebooted until somebody asks again',
      story({}, async (house) => {
        const before = house.bootId('worker-2');
        const card = await house.upgrade('worker-2');
        await house.press('lee', card, 'Deny');
        await house.submit('lee', { 'tugboot.reason': 'release day' });
        const denied = await house.card('worker-2', /release day/);
        expect(house.bootId('worker-2')).toBe(before);
        await house.press('mia', denied, 'Ask again');
        const asking = await house.card('worker-2', /asks for a reboot/);
        expect(asking.ts).toBe(card.ts);
      }),
    );

    it(
      'snoozed: nobody and no rule starts it until somebody wakes it',
      story({}, async (house) => {
        const before = house.bootId('worker-2');
        await house.press('mia', await house.upgrade('worker-2'), 'Snooze');
        await house.submit('mia', { 'tugboot.until': '1 hour' });
        const snoozed = await house.card('worker-2', /snoozed/i);
        expect(house.bootId('worker-2')).toBe(before);
        await house.press('lee', snoozed, 'Ask again now');
        await house.card('worker-2', /asks for a reboot/);
      }),
    );

    it(
      'approved twice at once by two people: one decision, and the other person is told who was faster',
      story({}, async (house) => {
        const card = await house.upgrade('worker-2');
        await Promise.all([house.press('mia', card, 'Approve now'), house.press('lee', card, 'Approve now')]);
        const whispers = await Promise.race([
          house.whisper('mia', /worker-2.*@lee/s),
          house.whisper('lee', /worker-2.*@mia/s),
        ]);
        expect(whispers).toMatch(/worker-2/);
        await house.card('worker-2', /✓/);
        await house.isFree('worker-2');
      }),
    );

    it(
      'a decision that comes late, from a modal that was open all the time, is answered and changes nothing',
      story({}, async (house) => {
        await budget(house, 3);
        const node = nodeOf(house, 'db/pg-0');
        const card = await house.upgrade(node);
        await house.press('lee', card, 'Deny');
        await house.press('mia', card, 'Approve now');
        await house.reply(card, /db\/pg/);
        await house.submit('lee', { 'tugboot.reason': 'not now' });
        expect(await house.whisper('lee', /./)).toMatch(/@mia/);
        const still = await house.card(node, /tugboot\.cancel/);
        expect(JSON.stringify(still)).not.toContain('not now');
      }),
    );

    it(
      'a guest, a stranger and a person who is not named are refused in private, and nothing changes',
      story({ config: { approvers: { users: ['U0MIA', 'U0GIO', 'U0KIM'] } } }, async (house) => {
        const card = await house.upgrade('worker-1');
        await house.press('gio', card, 'Approve now');
        expect(await house.whisper('gio', /./)).toMatch(/Guests cannot/);
        await house.press('kim', card, 'Approve now');
        expect(await house.whisper('kim', /./)).toMatch(/another workspace/);
        await house.press('lee', card, 'Approve now');
        expect(await house.whisper('lee', /./)).toMatch(/You cannot approve this one.*workers/s);
        const still = await house.card('worker-1', /asks for a reboot/);
        expect(JSON.stringify(still.blocks)).toContain('tugboot.approve-now');
        await house.press('mia', still, 'Approve now');
        await house.reply(card, /Approved by <@U0MIA>/);
      }),
    );

    it(
      '/reboot status and help answer in private',
      story({}, async (house) => {
        await house.upgrade('worker-1');
        const sam = house.slack.as(house.slack.users.sam);
        const status = await sam.command('/reboot status');
        expect(status.kind).toBe('ephemeral');
        expect(JSON.stringify([status.text, status.blocks])).toContain('worker-1');
        const help = await sam.command('/reboot help');
        expect(JSON.stringify([help.text, help.blocks])).toContain('/reboot status');
        const typo = await sam.command('/reboot status wroker-1');
        expect(JSON.stringify([typo.text, typo.blocks])).toContain('Did you mean worker-1?');
      }),
    );

    it(
      'a node that somebody else had cordoned stays cordoned',
      story({ programs: 'bundled' }, async (house) => {
        const before = house.bootId('worker-1');
        await house.kube('PATCH', '/api/v1/nodes/worker-1', { spec: { unschedulable: true } });
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        await house.card('worker-1', /✓/);
        expect(house.bootId('worker-1')).not.toBe(before);
        expect(house.node('worker-1').cordoned).toBe(true);
      }),
    );
  });
}
