/** The App Home: what a person sees there, what their clicks do, and when it is published again. */
import { describe, expect, it } from 'vitest';
import { checkView } from '../../demo/slack/validate/views.ts';
import type { Json, JsonObject } from '../../demo/slack/json.ts';
import { createGateway } from '../../src/bot/connection/gateway.ts';
import { createHome } from '../../src/bot/home/home.ts';
import { onClick } from '../../src/bot/listeners/clicks.ts';
import { createInteractionHandler } from '../../src/bot/listeners/interaction-handler.ts';
import { readSubmission } from '../../src/bot/listeners/submissions.ts';
import type { Policy } from '../../src/reboot/policy/policy.ts';
import { minute, second } from '../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../fakes/builders.ts';
import { fakeDirectory } from '../fakes/ports/fake-directory.ts';
import { serviceHarness } from '../fakes/service-harness.ts';
import { liveViews } from '../fakes/live-views.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { createRecorder } from './recorder.ts';

const named = { kind: 'named', users: ['U0MIA'], groups: [] } as const;
const decidedByMia = (): Policy => aPolicy({ pools: [aPool({ name: 'workers', approvers: named })] });

function open(policy = decidedByMia()) {
  const harness = serviceHarness(policy);
  const { clock } = harness;
  const slack = createRecorder(clock);
  const stop = new AbortController();
  const gateway = createGateway({
    api: slack,
    clock,
    sleep: clock.sleep,
    random: () => 0.5,
    signal: stop.signal,
  });
  let publications = 0;
  slack.answer('views.publish', () => {
    publications += 1;
    return { ok: true, view: { id: 'VHOME', hash: `hash-${publications}` } };
  });
  const directory = fakeDirectory(aPerson(), aPerson({ id: 'U0LEE', name: 'lee' }));
  const { people } = directory;
  const clusters = new Map([['prod-eu', harness.service]]);
  const shared = { clusters, directory, gateway, clock, logger: silentLogger };
  const live = liveViews(clock, stop.signal);
  const home = createHome({
    ...shared,
    live,
    linkTo: (card) => card && `https://slack.example/${card.ts}`,
  });
  const handler = createInteractionHandler({
    logOf: () => silentLogger,
    isAppShared: () => false,
    ...shared,
    home,
    live,
    examine: async () => [],
  });
  const published = () => slack.of('views.publish').map(({ args }) => args);
  const last = (): JsonObject => {
    const view = published().at(-1)?.['view'];
    return JSON.parse(JSON.stringify(view ?? {})) as JsonObject;
  };
  return {
    harness,
    clock,
    slack,
    people,
    home,
    handler,
    published,
    last,
    text: () => JSON.stringify(last()),
  };
}

type Open = ReturnType<typeof open>;
const mia = { userId: 'U0MIA', teamId: 'T0' };

const textIn = (view: JsonObject, field: string): string => {
  const text = view[field];
  return typeof text === 'string' ? text : expect.unreachable(`no ${field}`);
};

interface FoundButton {
  readonly action_id: string;
  readonly value: string;
}

function button({ last }: Open, label: string): FoundButton {
  const blocks = (last()['blocks'] ?? []) as readonly JsonObject[];
  const elements = blocks.flatMap(({ elements: all }) => (all ?? []) as readonly JsonObject[]);
  const found = elements.find(({ text }) => (text as JsonObject | undefined)?.['text'] === label);
  return (found ?? expect.unreachable(`no button ${label}`)) as unknown as FoundButton;
}

const press = (all: Open, { action_id, value }: FoundButton, userId = 'U0MIA'): Promise<void> =>
  all.clock.until(
    onClick(
      all.handler,
      {
        user: { id: userId, team_id: 'T0' },
        trigger_id: 'trigger',
        view: { id: 'VHOME', type: 'home', private_metadata: '' },
        actions: [{ action_id, value }],
      },
      async () => false,
    ),
  );

const opened = (all: Open, userId = 'U0MIA'): Promise<void> =>
  all.clock.until(all.home.opened({ userId, teamId: 'T0' }));

describe('the App Home', () => {
  it('shows what waits for the person with the buttons of its card, and Slack takes it', async () => {
    const all = open();
    await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    expect(all.published()).toHaveLength(1);
    expect(all.published()[0]).toMatchObject({ user_id: 'U0MIA', view: { type: 'home' } });
    expect(checkView(all.last() as Json, 'home')).toEqual([]);
    expect(all.text()).toContain('*Waits for you* 1 node');
    expect(all.text()).toContain('w1 asks for a reboot');
    for (const label of ['Approve now', 'Snooze', 'Deny', 'Details']) button(all, label);
  });

  it('offers no decision to a person who may not take it', async () => {
    const all = open();
    await all.harness.sentinel({ name: 'w1' });
    await opened(all, 'U0LEE');
    expect(all.text()).toContain('*Waits for you*\\nNothing.');
    expect(all.text()).toContain('*Asks others*');
    expect(all.text()).not.toContain('"type":"button"');
  });

  it('asks those who are in the channel of a pool that everybody there may decide on, and nobody else', async () => {
    const all = open(aPolicy({ pools: [aPool({ name: 'workers', approvers: { kind: 'channel' } })] }));
    await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    expect(all.text()).toContain('*Waits for you* 1 node');
    all.people.set('U0MIA', aPerson({ channels: ['C0OTHER'] }));
    await opened(all);
    expect(all.text()).toContain('*Asks others*');
    expect(all.text()).not.toContain('"type":"button"');
  });

  it('shows at once what a click there has done', async () => {
    const all = open();
    const { name } = await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    await press(all, button(all, 'Approve now'));
    expect(all.harness.reboot(name).state.phase).not.toBe('Pending');
    expect(all.published()).toHaveLength(2);
    expect(all.text()).toContain('*Waits for you*\\nNothing.');
    expect(all.slack.of('chat.postEphemeral')).toEqual([]);
  });

  it('says there why a click was refused, until it is opened again', async () => {
    const all = open();
    await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    await press(all, button(all, 'Approve now'), 'U0LEE');
    const [, answer] = all.published();
    expect(answer?.['user_id']).toBe('U0LEE');
    expect(all.text()).toContain('You cannot approve this one');
    expect(all.slack.of('chat.postEphemeral')).toEqual([]);
    await opened(all, 'U0LEE');
    expect(all.text()).not.toContain('You cannot approve this one');
  });

  it('opens the dialog of a button, whose submission is answered there too', async () => {
    const all = open();
    const { name } = await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    await press(all, button(all, 'Deny'));
    const view = all.slack.of('views.open').at(-1)?.args['view'] as JsonObject;
    const submission = readSubmission(all.handler, {
      user: { id: 'U0MIA', team_id: 'T0' },
      view: {
        callback_id: textIn(view, 'callback_id'),
        private_metadata: textIn(view, 'private_metadata'),
        state: { values: { 'tugboot.reason': { 'tugboot.reason': { value: 'backup runs' } } } },
      },
    });
    if (!submission.ok) expect.unreachable(JSON.stringify(submission.errors));
    await all.clock.until(submission.execute());
    expect(all.harness.reboot(name).state.phase).toBe('Denied');
    expect(all.published()).toHaveLength(2);
    expect(all.text()).toContain('*Put off*');
  });

  it('is published again when something has changed, and only then', async () => {
    const all = open();
    await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    await all.clock.pass(minute);
    expect(all.published()).toHaveLength(1);
    await all.harness.sentinel({ name: 'w2' });
    await all.clock.pass(5 * second);
    expect(all.published()).toHaveLength(2);
    expect(all.published()[1]?.['hash']).toBe('hash-1');
    expect(all.text()).toContain('*Waits for you* 2 nodes');
  });

  it('is left alone a quarter of an hour after the person has used it', async () => {
    const all = open();
    await opened(all);
    await all.clock.pass(16 * minute);
    expect(all.clock.isAwaited()).toBe(false);
    await all.harness.sentinel({ name: 'w1' });
    await all.clock.pass(minute);
    expect(all.published()).toHaveLength(1);
  });

  it('is left to the other bot that has published it meanwhile', async () => {
    const all = open();
    await opened(all);
    await all.harness.sentinel({ name: 'w1' });
    all.slack.fail('views.publish', { error: 'hash_conflict' });
    await all.clock.pass(5 * second);
    await all.harness.sentinel({ name: 'w2' });
    await all.clock.pass(minute);
    expect(all.published()).toHaveLength(2);
  });

  it('says that Slack or the cluster cannot be asked, instead of staying empty', async () => {
    const all = open();
    const down = createHome({
      ...all.handler,
      linkTo: () => undefined,
      directory: Object.assign(fakeDirectory(), { down: true }),
    });
    await all.clock.until(down.opened(mia));
    expect(all.text()).toMatch(/Slack did not answer when Tugboot asked who you are/);
  });

  it('shows many of a pool as their digest, decided with one click and answered above everything', async () => {
    const all = open(aPolicy({ pools: [aPool({ name: 'workers', approvers: named, digestFrom: 4 })] }));
    for (let nth = 100; nth < 160; nth += 1)
      await all.harness.sentinel({ name: `w${nth}`, uid: `uid-${nth}` });
    await all.harness.pass(minute);
    await opened(all);
    expect(checkView(all.last() as Json, 'home')).toEqual([]);
    expect(all.text()).toContain('*Waits for you* 60 nodes');
    expect(all.text()).toContain('60 nodes of pool workers ask for a reboot');
    await press(all, button(all, 'Approve all'));
    expect(all.text()).toContain('You approved 60 nodes of pool workers, for now');
    await all.harness.settle();
    await all.clock.pass(5 * second);
    expect(all.text()).toContain('*Waits for you*\\nNothing.');
  });
});

describe('Details', () => {
  const shownIn = (all: Open) => JSON.stringify(all.slack.of('views.update').at(-1)?.args['view'] ?? {});

  async function openDetails(): Promise<Open> {
    const all = open();
    await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    await press(all, button(all, 'Details'));
    return all;
  }

  it('say what holds the node back, and follow what happens while they are open', async () => {
    const all = await openDetails();
    expect(shownIn(all)).toContain('What holds it back');
    expect(shownIn(all)).toContain('It needs 1 approval');
    const updates = all.slack.of('views.update').length;
    await all.clock.pass(minute);
    expect(all.slack.of('views.update')).toHaveLength(updates);
    await press(all, button(all, 'Approve now'));
    await all.harness.settle();
    await all.clock.pass(5 * second);
    expect(all.slack.of('views.update').length).toBeGreaterThan(updates);
    expect(shownIn(all)).toContain('approved by <@U0MIA>');
  });

  it('are left alone once they are closed', async () => {
    const all = await openDetails();
    all.slack.fail('views.update', { error: 'not_found' });
    await press(all, button(all, 'Approve now'));
    await all.harness.settle();
    await all.clock.pass(5 * second);
    const updates = all.slack.of('views.update').length;
    await all.harness.boots('w1');
    await all.clock.pass(minute);
    expect(all.slack.of('views.update')).toHaveLength(updates);
  });

  it('list the earlier reboots of the node, with how long they took and who let them start', async () => {
    const all = open();
    await all.harness.sentinel({ name: 'w1' });
    await opened(all);
    await press(all, button(all, 'Approve now'));
    await all.harness.settle();
    await all.harness.pass(minute);
    await all.harness.boots('w1');
    await all.harness.pass(5 * minute);
    await all.harness.sentinel({ name: 'w1', bootId: 'boot-2' });
    await opened(all);
    await press(all, button(all, 'Details'));
    expect(shownIn(all)).toMatch(/Earlier reboots of this node.*rebooted in .*approved by <@U0MIA>/s);
  });
});
