import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { budget, nodeOf, storyHouse, type StoryHouse } from './story-house.ts';

describe('decisions in Slack, by the real programs', () => {
  let house: StoryHouse;
  let cancelled = '';
  beforeAll(async () => {
    house = await storyHouse();
  });
  afterAll(() => house?.close());

  it('the main job: card, approval, drain, reboot, proof, uncordon, told in the thread', async () => {
    const before = house.bootId('worker-1');
    const card = await house.upgrade('worker-1');
    expect(JSON.stringify(card.blocks)).toContain('6.8.0-45-generic');
    await house.press('mia', card, 'Approve now');
    await house.reply(card, /Approved by <@U0MIA>/);
    const done = await house.card('worker-1', /✓/);
    expect(done.ts).toBe(card.ts);
    expect(JSON.stringify(done.blocks)).not.toContain('tugboot.approve-now');
    await house.reply(card, /Back with kernel/);
    await house.until('worker-1 uncordoned', () => !house.node('worker-1').cordoned);
    expect(house.bootId('worker-1')).not.toBe(before);
  });

  it('denied: the reason is asked, kept and shown, and nothing is rebooted', async () => {
    const before = house.bootId('worker-2');
    const card = await house.upgrade('worker-2');
    await house.press('lee', card, 'Deny');
    const lee = house.slack.as(house.slack.users.lee);
    await house.slack.until(() => lee.modal(), 5000, 'the reason modal');
    await lee.submitModal({ values: { 'tugboot.reason': 'release day' } });
    const denied = await house.card('worker-2', /release day/);
    expect(JSON.stringify(denied.blocks)).toContain('Ask again');
    expect(house.bootId('worker-2')).toBe(before);
  });

  it('asked again, then snoozed: nobody and no rule starts it', async () => {
    const denied = await house.card('worker-2', /release day/);
    await house.press('mia', denied, 'Ask again');
    const card = await house.card('worker-2', /asks for a reboot/);
    await house.press('mia', card, 'Snooze');
    const mia = house.slack.as(house.slack.users.mia);
    await house.slack.until(() => mia.modal(), 5000, 'the snooze modal');
    await mia.submitModal({ values: { 'tugboot.until': '1 hour' } });
    await house.card('worker-2', /snoozed/i);
  });

  it('a click on a card that was decided long ago is answered', async () => {
    const card = await house.card('worker-2', /snoozed/i);
    await house.press('lee', card, 'Ask again now');
    const again = await house.card('worker-2', /asks for a reboot/);
    const people = [house.press('mia', again, 'Approve now'), house.press('lee', again, 'Approve now')];
    await Promise.all(people);
    // Both pressed at once: one decision, and the other person is told who was faster.
    const whispers = await Promise.race([
      house.whisper('mia', /worker-2.*@lee/s),
      house.whisper('lee', /worker-2.*@mia/s),
    ]);
    expect(whispers).toMatch(/worker-2/);
    await house.card('worker-2', /✓/);
    await house.until('worker-2 uncordoned', () => !house.node('worker-2').cordoned);
  });

  it('a guest and a stranger are refused in private, and nothing changes', async () => {
    const card = await house.upgrade('worker-1');
    await house.press('gio', card, 'Approve now');
    expect(await house.whisper('gio', /./)).toMatch(/Guests cannot/);
    await house.press('kim', card, 'Approve now');
    expect(await house.whisper('kim', /./)).toMatch(/another workspace/);
    const still = await house.card('worker-1', /asks for a reboot/);
    expect(JSON.stringify(still.blocks)).toContain('tugboot.approve-now');
  });

  it('/reboot status and help answer in private', async () => {
    const sam = house.slack.as(house.slack.users.sam);
    const status = await sam.command('/reboot status');
    expect(status.kind).toBe('ephemeral');
    expect(JSON.stringify([status.text, status.blocks])).toContain('worker-1');
    const help = await sam.command('/reboot help');
    expect(JSON.stringify([help.text, help.blocks])).toContain('/reboot status');
    const typo = await sam.command('/reboot status wroker-1');
    expect(JSON.stringify([typo.text, typo.blocks])).toContain('Did you mean worker-1?');
  });

  it('a node that somebody else had cordoned stays cordoned', async () => {
    await house.kube('PATCH', '/api/v1/nodes/worker-1', { spec: { unschedulable: true } });
    const card = await house.card('worker-1', /asks for a reboot/);
    await house.press('mia', card, 'Approve now');
    await house.card('worker-1', /✓/);
    expect(house.node('worker-1').cordoned).toBe(true);
    await house.kube('PATCH', '/api/v1/nodes/worker-1', { spec: { unschedulable: null } });
    await house.until('all pods running', (world) =>
      world.nodes.every((node) => node.pods.every(({ state }) => state === 'running')),
    );
  });

  it('a budget that allows nothing holds the drain, is named, and lets it go on when it clears', async () => {
    await budget(house, 3);
    const node = nodeOf(house, 'db/pg-0');
    const card = await house.upgrade(node);
    await house.press('mia', card, 'Approve now');
    await house.reply(card, /db\/pg/);
    expect(house.node(node).cordoned).toBe(true);
    expect(house.node(node).pods.some(({ name }) => name === 'pg-0')).toBe(true);
    await budget(house, 1);
    await house.card(node, /✓/);
    await house.until('uncordoned', () => house?.node(node).cordoned === false);
  });

  it('cancelled in mid-drain: the drain stops and the node is uncordoned', async () => {
    await house.until('all pods running', (world) =>
      world.nodes.every((each) => each.pods.every(({ state }) => state === 'running')),
    );
    await budget(house, 3);
    const node = nodeOf(house, 'db/pg-1');
    const before = house.bootId(node);
    const card = await house.upgrade(node);
    await house.press('mia', card, 'Approve now');
    const draining = await house.card(node, /tugboot.cancel/);
    await house.reply(card, /db\/pg/);
    await house.press('lee', draining, 'Cancel');
    await house.card(node, /cancelled/i);
    await house.until(`${node} uncordoned`, () => !house.node(node).cordoned);
    expect(house.bootId(node)).toBe(before);
    cancelled = node;
  });

  it('asked again after the cancelled drain: the same card asks, and the reboot is carried out', async () => {
    const before = house.bootId(cancelled);
    const card = await house.card(cancelled, /cancelled.*tugboot\.ask-again/s);
    await budget(house, 1);
    await house.press('lee', card, 'Ask again');
    const again = await house.card(cancelled, /◷ \S+ asks for a reboot/);
    expect(again.ts).toBe(card.ts);
    await house.press('mia', again, 'Approve now');
    await house.card(cancelled, /✓/);
    expect(house.bootId(cancelled)).not.toBe(before);
    await house.until('uncordoned', () => house?.node(cancelled).cordoned === false);
  });
});
