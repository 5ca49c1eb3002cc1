import { readFileSync } from 'node:fs';
import { at } from '../../src/k8s/api/json-value.ts';
import { describe, expect, it } from 'vitest';
import { answered } from './commands.ts';
import { budget, nodeOf, scraped, type Story, workers } from './story-environment.ts';

/** Decisions of people in Slack, and their effects. */
export function decisionStories(story: Story): void {
  describe('decisions in Slack', () => {
    it(
      'the main job: card, approval, drain, reboot, proof, uncordon, told in the thread',
      story({ programs: 'bundled' }, async (environment) => {
        const before = environment.bootId('worker-1');
        const card = await environment.upgrade('worker-1');
        expect(JSON.stringify(card.blocks)).toContain('6.8.0-45-generic');
        await environment.press('mia', card, 'Approve now');
        await environment.reply(card, /Approved by <@U0MIA>/);
        const done = await environment.card('worker-1', /✓/);
        expect(done.ts).toBe(card.ts);
        expect(JSON.stringify(done.blocks)).not.toContain('tugboot.approve-now');
        await environment.reply(card, /Back with kernel/);
        await environment.isFree('worker-1');
        expect(environment.bootId('worker-1')).not.toBe(before);
        const metrics = await scraped(environment);
        for (const line of [
          'tugboot_reboots_ended_total{pool="workers",result="Succeeded",cluster="story"} 1',
          'tugboot_decisions_total{pool="workers",decision="approved",by="user",cluster="story"} 1',
          'tugboot_drains_total{pool="workers",outcome="drained",cluster="story"} 1',
          'tugboot_reboot_duration_seconds_count{pool="workers",cluster="story"} 1',
          'tugboot_turns{pool="workers",cluster="story"} 0',
          'tugboot_part_up{part="slack"} 1',
          'tugboot_queue_jobs{queue="drains",state="waiting",cluster="story"} 0',
          'tugboot_jobs_total{job="drain",result="ok",cluster="story"} 1',
        ])
          expect(metrics).toContain(line);
        expect(metrics).toMatch(/^tugboot_evictions_total\{answer="accepted",cluster="story"\} [1-9]/m);
        expect(metrics).toMatch(/^tugboot_slack_calls_total\{method="chat.postMessage",result="ok"\} [1-9]/m);
      }),
    );

    it(
      'decided in the App Home: what waits for mia, one click there, and the end of it without a reload',
      story({}, async (environment) => {
        const before = environment.bootId('worker-1');
        await environment.upgrade('worker-1');
        const mia = environment.slack.as(environment.slack.users.mia);
        const shows = (wished: RegExp) =>
          environment.eventually(`a Home like ${String(wished)}`, () =>
            wished.test(JSON.stringify(mia.home()?.body['blocks'] ?? [])),
          );
        await mia.openHome();
        await shows(/Waits for you\* 1 node.*worker-1 asks for a reboot.*tugboot\.approve-now/s);
        expect(await mia.clickInHome({ action: 'Approve now' })).toEqual({ kind: 'acked' });
        await shows(/Waits for you\*\\nNothing/);
        await shows(/\*Last\*.*✓.*worker-1/s);
        expect(environment.bootId('worker-1')).not.toBe(before);
        const gio = environment.slack.as(environment.slack.users.gio);
        await environment.upgrade('worker-2');
        await gio.openHome();
        await environment.eventually('the Home of a guest, without buttons', () =>
          JSON.stringify(gio.home()?.body['blocks'] ?? []).includes('Asks others'),
        );
        expect(JSON.stringify(gio.home()?.body)).not.toContain('"type":"button"');
      }),
    );

    it(
      'asked for with kubectl: an annotation makes a card, is taken away, and waits for a decision like every other wish',
      story({}, async (environment) => {
        const annotation = 'tugboot.dev/reboot-requested';
        await environment.kube('PATCH', '/api/v1/nodes/worker-2', {
          metadata: { annotations: { [annotation]: 'new firmware' } },
        });
        const card = await environment.card('worker-2', /Asked for by\* somebody with kubectl/);
        await environment.eventually('the annotation is gone', async () => {
          const node = await environment.kube('GET', '/api/v1/nodes/worker-2');
          return at(node, 'metadata', 'annotations', annotation) === undefined;
        });
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-2', /✓/);
      }),
    );

    it(
      'a pool that wants a change ticket and a reason: asked for in the dialog or typed, and kept everywhere',
      story(
        {
          pools: [
            {
              ...workers,
              concurrency: 1,
              changeTicket: { matches: 'CHG[0-9]{7}', example: 'CHG0012345' },
              reasonFor: ['approve', 'cancel'],
            },
          ],
        },
        async (environment) => {
          const mia = environment.slack.as(environment.slack.users.mia);
          const card = await environment.upgrade('worker-1');
          await environment.press('mia', card, 'Approve now');
          await environment.eventually('the dialog', () => mia.modal() !== undefined);
          const wrong = { 'tugboot.change-ticket': 'INC7', 'tugboot.reason': 'patches' };
          expect(await mia.submitModal({ values: wrong })).toMatchObject({
            kind: 'errors',
            errors: { 'tugboot.change-ticket': expect.stringContaining('no change ticket') as string },
          });
          await environment.submit('mia', {
            'tugboot.change-ticket': 'CHG0012345',
            'tugboot.reason': 'the monthly patches',
          });
          await environment.reply(
            card,
            /Approved by <@U0MIA>, for now, ticket CHG0012345: "the monthly patches"/,
          );
          await environment.card('worker-1', /✓.*ticket CHG0012345/s);
          await environment.upgrade('worker-2');
          await answered(environment, 'approve worker-2', /only with a change ticket, such as CHG0012345/);
          await answered(
            environment,
            'approve worker-2 ticket CHG0054321 because it is time',
            /You approved worker-2/,
          );
          await environment.card('worker-2', /✓.*ticket CHG0054321/s);
          const reboots = await environment.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots');
          expect(JSON.stringify(reboots)).toContain('"changeTicket":"CHG0054321"');
          const audited = readFileSync(environment.botLog, 'utf8').split('\n');
          expect(audited).toContainEqual(
            expect.stringMatching(/"change_ticket":"CHG0054321".*"decision taken"/),
          );
        },
      ),
    );

    it(
      'nobody decides: the approvers are named in the thread, others later where the channel sees it, each once',
      story(
        {
          config: { approvers: { users: ['U0MIA'], groups: [] } },
          pools: [{ ...workers, remind: { after: '1s', escalate: { after: '2s', groups: ['S0LEADS'] } } }],
          bots: 2,
        },
        async (environment) => {
          const card = await environment.upgrade('worker-1');
          await environment.reply(card, /worker-1 waits.*nobody has decided.*<@U0MIA>/s);
          const late = await environment.reply(card, /worker-1 waits.*<!subteam\^S0LEADS>/s);
          expect(late).toMatchObject({ broadcast: true });
          await environment.press('mia', card, 'Approve now');
          await environment.card('worker-1', /✓/);
          const reminders = environment.slack
            .messages()
            .filter(({ threadTs, text }) => threadTs === card.ts && /worker-1 waits/.test(text));
          expect(reminders.length).toBeLessThanOrEqual(2);
        },
      ),
    );

    it(
      'denied: the reason is asked, kept and shown, and nothing is rebooted until somebody asks again',
      story({}, async (environment) => {
        const before = environment.bootId('worker-2');
        const card = await environment.upgrade('worker-2');
        await environment.press('lee', card, 'Deny');
        await environment.submit('lee', { 'tugboot.reason': 'release day' });
        const denied = await environment.card('worker-2', /release day/);
        expect(environment.bootId('worker-2')).toBe(before);
        await environment.press('mia', denied, 'Ask again');
        const asking = await environment.card('worker-2', /asks for a reboot/);
        expect(asking.ts).toBe(card.ts);
      }),
    );

    it(
      'snoozed: nobody and no rule starts it until somebody wakes it',
      story({}, async (environment) => {
        const before = environment.bootId('worker-2');
        await environment.press('mia', await environment.upgrade('worker-2'), 'Snooze');
        await environment.submit('mia', { 'tugboot.until': '1 hour' });
        const snoozed = await environment.card('worker-2', /snoozed/i);
        expect(environment.bootId('worker-2')).toBe(before);
        await environment.press('lee', snoozed, 'Ask again now');
        await environment.card('worker-2', /asks for a reboot/);
      }),
    );

    it(
      'snoozed until a time that is picked, and until one that is typed, in the zone of the person',
      story({}, async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-2'), 'Snooze');
        const picked = Math.floor(Date.now() / 86_400_000 + 2) * 86_400;
        await environment.submit('mia', { 'tugboot.at': String(picked) });
        await environment.card('worker-2', new RegExp(`nooze.*<!date\\^${picked}\\^`, 's'));
        const wished = /worker-2 asks again on .* at 18:00 \(Europe\/Berlin\)/;
        await answered(environment, 'snooze worker-2 until tomorrow 18:00', wished);
        await environment.card('worker-2', /snoozed/i);
      }),
    );

    it(
      'approved twice at once by two people: one decision, and the other person is told who was faster',
      story({}, async (environment) => {
        const card = await environment.upgrade('worker-2');
        await Promise.all([
          environment.press('mia', card, 'Approve now'),
          environment.press('lee', card, 'Approve now'),
        ]);
        const whispers = await Promise.race([
          environment.whisper('mia', /worker-2.*@lee/s),
          environment.whisper('lee', /worker-2.*@mia/s),
        ]);
        expect(whispers).toMatch(/worker-2/);
        await environment.card('worker-2', /✓/);
        await environment.isFree('worker-2');
      }),
    );

    it(
      'a decision that comes late, from a modal that was open all the time, is answered and changes nothing',
      story({}, async (environment) => {
        await budget(environment, 3);
        const node = nodeOf(environment, 'db/pg-0');
        const card = await environment.upgrade(node);
        await environment.press('lee', card, 'Deny');
        await environment.press('mia', card, 'Approve now');
        await environment.reply(card, /db\/pg/);
        await environment.submit('lee', { 'tugboot.reason': 'not now' });
        expect(await environment.whisper('lee', /./)).toMatch(/@mia/);
        const still = await environment.card(node, /tugboot\.cancel/);
        expect(JSON.stringify(still)).not.toContain('not now');
      }),
    );

    it(
      'a guest, a stranger and a person who is not named are refused in private, and nothing changes',
      story({ config: { approvers: { users: ['U0MIA', 'U0GIO', 'U0KIM'] } } }, async (environment) => {
        const card = await environment.upgrade('worker-1');
        await environment.press('gio', card, 'Approve now');
        expect(await environment.whisper('gio', /./)).toMatch(/Guests cannot/);
        await environment.press('kim', card, 'Approve now');
        expect(await environment.whisper('kim', /./)).toMatch(/another workspace/);
        await environment.press('lee', card, 'Approve now');
        expect(await environment.whisper('lee', /./)).toMatch(/You cannot approve this one.*workers/s);
        const still = await environment.card('worker-1', /asks for a reboot/);
        expect(JSON.stringify(still.blocks)).toContain('tugboot.approve-now');
        await environment.press('mia', still, 'Approve now');
        await environment.reply(card, /Approved by <@U0MIA>/);
      }),
    );

    it(
      '/reboot status and help answer in private',
      story({}, async (environment) => {
        await environment.upgrade('worker-1');
        const sam = environment.slack.as(environment.slack.users.sam);
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
      story({ programs: 'bundled' }, async (environment) => {
        const before = environment.bootId('worker-1');
        await environment.kube('PATCH', '/api/v1/nodes/worker-1', { spec: { unschedulable: true } });
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /✓/);
        expect(environment.bootId('worker-1')).not.toBe(before);
        expect(environment.node('worker-1').cordoned).toBe(true);
      }),
    );
  });
}
