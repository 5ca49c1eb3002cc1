import type { App } from '@slack/bolt';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest';
import type { WorldPod } from '../../../demo/world/view.ts';
import type { FakeSlack } from '../../../demo/slack/slack.ts';
import { describeWith } from '../../needs/describe-with.ts';
import { findProgram, lackOf } from '../../needs/programs.ts';
import { call, post, start } from './api-client.ts';
import { cardBlocks, reasonModal, startApp, type RunningApp } from './bolt-app.ts';
import { type FakeClock, fakeClock } from '../../fakes/fake-clock.ts';
import { createStillWorld, type StillWorld } from './still-world.ts';

const quiet = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

let browser: Browser;
let slack: FakeSlack;
let world: StillWorld;
let clock: FakeClock;
let app: RunningApp;
let page: Page;
let complaints: string[];

const listeners = (bolt: App): void => {
  bolt.action('approve', async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions' || body.channel === undefined) return;
    const ts = String(body.message?.ts);
    await client.chat.update({ channel: body.channel.id, ts, text: `approved by <@${body.user.id}>` });
  });
  bolt.action('deny', async ({ ack, body, client }) => {
    await ack();
    if (body.type !== 'block_actions') return;
    await client.views.open({ trigger_id: body.trigger_id, view: structuredClone(reasonModal) as never });
  });
  bolt.view('reason', async ({ ack, view }) => {
    const said = view.state.values['why']?.['text']?.value ?? '';
    await (said.includes('because')
      ? ack()
      : ack({ response_action: 'errors', errors: { why: 'Say because.' } }));
  });
  bolt.command('/reboot', async ({ ack, command }) => ack(`*prod-eu* needs nothing (${command.text})`));
  bolt.event('app_home_opened', async ({ event, client }) => {
    const blocks = [{ type: 'header', text: { type: 'plain_text', text: 'Reboots in prod-eu' } }] as never;
    await client.views.publish({ user_id: event.user, view: { type: 'home', blocks } });
  });
};

async function openPage(options: BrowserContextOptions = {}): Promise<Page> {
  const opened = await browser.newPage({ viewport: { width: 1280, height: 800 }, ...options });
  opened.setDefaultTimeout(5000);
  opened.on('pageerror', (error) => complaints.push(error.message));
  opened.on('console', (message) => {
    if (message.type() === 'error') complaints.push(message.text());
  });
  await opened.goto(slack.url);
  await opened.getByText('Tugboot is connected').waitFor();
  return opened;
}

describeWith('the page in a real browser', { lack: lackOf('chromium') }, () => {
  beforeAll(async () => {
    browser = await chromium.launch({ executablePath: findProgram('chromium') ?? '', args: quiet });
  }, 30_000);
  afterAll(() => browser.close());
  beforeEach(async () => {
    complaints = [];
    world = createStillWorld();
    clock = fakeClock(Date.now());
    slack = await start({ world, clock });
    app = await startApp(slack, listeners);
    page = await openPage();
  });
  afterEach(async () => {
    await page.close();
    await app.stop();
    await slack.close();
    expect(complaints).toEqual([]);
  });

  test('shows a card as it comes, asks before it approves, and takes the buttons away', async () => {
    await post(slack, { text: 'card', blocks: cardBlocks });
    await page.getByRole('button', { name: 'Approve now' }).click();
    const dialog = page.getByRole('dialog');
    expect(await dialog.textContent()).toContain('Reboot worker-1?');
    await dialog.getByRole('button', { name: 'Go back' }).click();
    expect(slack.frames().some(({ body }) => body['type'] === 'interactive')).toBe(false);

    await page.getByRole('button', { name: 'Approve now' }).click();
    await dialog.getByRole('button', { name: 'Approve' }).click();
    await page.getByText('approved by @mia').waitFor();
    expect(await page.getByRole('button', { name: 'Approve now' }).count()).toBe(0);
  });

  test('a button that is pressed while its message is edited is pressed all the same', async () => {
    // Blocks without names of the app's get new ones with each edit.
    const blocks = cardBlocks.map((block) => ({ ...block, block_id: undefined }));
    const ts = await post(slack, { text: 'card', blocks });
    await page.getByRole('button', { name: 'Approve now' }).click();
    await call(slack, 'chat.update', { channel: slack.channel.id, ts, text: 'card', blocks });
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('approved by @mia').waitFor();
  });

  test('a button that went away while it was pressed is told to be gone', async () => {
    const ts = await post(slack, { text: 'card', blocks: cardBlocks });
    await page.getByRole('button', { name: 'Approve now' }).click();
    await call(slack, 'chat.update', { channel: slack.channel.id, ts, text: 'denied', blocks: [] });
    await page.getByText('denied').waitFor();
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    const answer = page.getByRole('alertdialog');
    await answer.getByText('that button is gone. Nothing was done.').waitFor();
    await answer.getByRole('button', { name: 'Close' }).click();
    expect(await answer.count()).toBe(0);
    // The browser notes the refusal by itself.
    expect(complaints.splice(0)).toEqual([expect.stringContaining('409')]);
  });

  test('a double click on the question presses nothing that lies beneath it', async () => {
    await post(slack, { text: 'card', blocks: cardBlocks });
    // Its second half comes down on the card's other button, wherever the dialog was.
    const deny = page.getByRole('button', { name: 'Deny' });
    await deny.evaluate((button) =>
      Object.assign(button.style, { position: 'fixed', inset: '0', width: '100%', height: '100%' }),
    );
    await page.getByRole('button', { name: 'Approve now' }).press('Enter');
    // The bare mouse: a locator keeps its second click to itself when the first takes the dialog away.
    const back = page.getByRole('dialog').getByRole('button', { name: 'Go back' });
    await back.hover();
    for (const clickCount of [1, 2]) {
      await page.mouse.down({ clickCount });
      await page.mouse.up({ clickCount });
      await back.waitFor({ state: 'detached' });
    }
    await page.getByRole('button', { name: 'Approve now' }).press('Enter');
    await page.getByRole('dialog').getByRole('button', { name: 'Approve' }).click();
    await page.getByText('approved by @mia').waitFor();
    expect(slack.frames().filter(({ body }) => body['type'] === 'interactive')).toHaveLength(1);
  });

  test('opens the thread, shows replies as they come, and gives the focus back when it closes', async () => {
    const ts = await post(slack, { text: 'card' });
    await post(slack, { text: 'first step', thread_ts: ts });
    await page.getByRole('button', { name: /1 reply/ }).click();
    const thread = page.getByRole('complementary', { name: 'Thread' });
    await thread.getByText('first step').waitFor();
    await post(slack, { text: 'second step', thread_ts: ts, reply_broadcast: true });
    await thread.getByText('Also sent to the channel').waitFor();
    await thread.getByRole('textbox').fill('thanks');
    await page.keyboard.press('Enter');
    await thread.getByText('thanks').waitFor();
    await page.keyboard.press('Escape');
    expect(await thread.isVisible()).toBe(false);
    expect(slack.thread(slack.channel.id, ts)).toHaveLength(3);
  });

  test('runs a command from the message box and shows the answer to this person only', async () => {
    await page.getByRole('textbox').fill('/reboot st');
    await page.getByRole('button', { name: '/reboot status' }).click();
    await page.getByText('Only visible to you').waitFor();
    await page.getByText('needs nothing (status)').waitFor();
    await page.getByLabel('Acting as').selectOption({ label: 'Lee Tanaka' });
    await page.getByText('SRE lead').waitFor();
    await page.getByText('needs nothing').waitFor({ state: 'detached' });
    expect(slack.ephemerals('U0LEE')).toEqual([]);
  });

  test('a modal says what is wrong beside its input, keeps what was typed, and closes when it is right', async () => {
    await post(slack, { text: 'card', blocks: cardBlocks });
    await page.getByRole('button', { name: 'Deny' }).click();
    const dialog = page.getByRole('dialog', { name: 'Deny the reboot' });
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await dialog.getByText('Please complete this required field.').waitFor();
    const why = dialog.getByRole('textbox', { name: 'Why not?' });
    await why.fill('not today');
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await dialog.getByText('Say because.').waitFor();
    expect(await why.inputValue()).toBe('not today');
    await why.fill('because of a backup');
    await dialog.getByRole('button', { name: 'Deny' }).click();
    await dialog.waitFor({ state: 'detached' });
  });

  test('Escape closes a modal for the app, too', async () => {
    await post(slack, { text: 'card', blocks: cardBlocks });
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.getByRole('dialog').waitFor();
    await page.keyboard.press('Escape');
    await slack.until(() => slack.as('U0MIA').modal() === undefined, 60_000);
    await page.getByRole('dialog').waitFor({ state: 'detached' });
  });

  test('a button turns until the app answers, and wears a warning when it does not', async () => {
    await post(slack, { text: 'card', blocks: cardBlocks });
    slack.delayAcks(60_000);
    await page.getByRole('button', { name: 'Deny' }).click();
    await page.locator('button[aria-busy="true"]').waitFor();
    clock.advance(3000);
    const failed = page.locator('button.failed');
    expect(await failed.getAttribute('title')).toContain('did not answer');
    expect(await failed.getAttribute('aria-busy')).toBeNull();
  });

  test('draws the cluster as it changes and can upgrade a node', async () => {
    await page.getByRole('button', { name: 'apt upgrade on worker-1' }).click();
    const worker = page.locator('[data-node="worker-1"]');
    await worker.getByText('Reboot required').waitFor();
    expect(world.upgraded).toEqual(['worker-1']);
    world.change('worker-1', { power: 'rebooting', ready: false, cordoned: true, pods: [] });
    await worker.getByText('Rebooting…').waitFor();
    await page.getByText('3 of 4 nodes Ready').waitFor();
    await worker.locator('.pod').first().waitFor({ state: 'detached' });
  });

  test('opens the Home of the app', async () => {
    await page.getByRole('button', { name: 'Tugboot' }).click();
    await page.getByRole('heading', { name: 'Reboots in prod-eu' }).waitFor();
  });

  test('shows hostile text as text', async () => {
    await post(slack, { text: '<img src=x onerror=alert(1)> <javascript:alert(1)|click>', metadata: {} });
    await page.getByText('<img src=x onerror=alert(1)>').waitFor();
    expect(await page.locator('#messages img, #messages a').count()).toBe(0);
  });

  test.each(['light', 'dark'] as const)(
    'keeps 4.5:1 between text and ground in the %s scheme',
    async (colorScheme) => {
      await post(slack, { text: 'card', blocks: cardBlocks });
      await page.close();
      page = await openPage({ colorScheme, reducedMotion: 'reduce' });
      world.change('worker-1', { cordoned: true, sentinel: true, pods: terminating(world, 'worker-1') });
      world.change('worker-2', { power: 'rebooting', ready: false });
      world.change('worker-3', { ready: false });
      await slack.as('U0MIA').command('/reboot status');
      await page.getByText('Only visible to you').waitFor();
      await page.getByText('Not ready').waitFor();
      expect(await page.evaluate(faintTexts)).toEqual([]);
    },
  );

  test('fits a phone without scrolling sideways', async () => {
    await post(slack, { text: 'card', blocks: cardBlocks });
    await page.setViewportSize({ width: 390, height: 760 });
    await page.getByRole('button', { name: 'Cluster' }).click();
    await page.getByRole('button', { name: 'apt upgrade on worker-1' }).waitFor();
    await page.getByRole('button', { name: 'Channel' }).click();
    await page.getByRole('button', { name: 'Approve now' }).waitFor();
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(390);
  });
});

const terminating = (world: StillWorld, name: string): readonly WorldPod[] =>
  (world.view().nodes.find((node) => node.name === name)?.pods ?? []).map((pod): WorldPod =>
    Object.assign({}, pod, { state: 'terminating' }),
  );

/** Runs in the page: every text whose colour stands out too little from the colours painted behind it. */
const faintTexts = `(() => {
  const paint = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = (colour) => {
    paint.clearRect(0, 0, 1, 1);
    paint.fillStyle = colour;
    paint.fillRect(0, 0, 1, 1);
    return [...paint.getImageData(0, 0, 1, 1).data];
  };
  const light = ([r, g, b]) => [r, g, b]
    .map((part) => part / 255)
    .map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
    .reduce((sum, part, index) => sum + part * [0.2126, 0.7152, 0.0722][index], 0);
  const groundOf = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const style = getComputedStyle(at);
      if (style.backgroundImage !== 'none') return undefined;
      const colour = rgba(style.backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return rgba('white');
  };
  const faint = [];
  for (const element of document.querySelectorAll('body *')) {
    const own = [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
    const ground = own && element.checkVisibility({ opacityProperty: true }) ? groundOf(element) : undefined;
    if (ground === undefined || element.matches('.unseen, .skip, option')) continue;
    const [one, other] = [light(rgba(getComputedStyle(element).color)), light(ground)].sort((a, b) => b - a);
    const ratio = (one + 0.05) / (other + 0.05);
    if (ratio < 4.5) faint.push(element.className + ' "' + element.textContent.slice(0, 30) + '" ' + ratio.toFixed(2));
  }
  return faint;
})()`;
