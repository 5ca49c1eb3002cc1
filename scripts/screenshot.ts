/**
 * Takes the pictures of the README: one node draining, another card waiting, and the digest of a pool, each
 * in light and in dark. Starts the demo, acts as people would, and opens the page in Chromium. Pass another
 * folder than docs/images as the first argument to keep the old pictures.
 */
import { existsSync, mkdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import process from 'node:process';
import { chromium, type Browser, type Page } from 'playwright-core';
import { demoCluster, demoConfig, demoNodes } from '../demo/demo-config.ts';
import {
  type DemoEnvironment,
  type EnvironmentOptions,
  openDemoEnvironment,
} from '../demo/environment/demo-environment.ts';
import { demoTiming } from '../demo/world/timers.ts';
import { worldThat } from '../demo/story.ts';

const patience = 30_000;
const size = { width: 1440, height: 900 };
const draining = 'worker-2';
const waiting = 'worker-1';

const schemes = [
  { colorScheme: 'light', file: 'demo.png' },
  { colorScheme: 'dark', file: 'demo-dark.png' },
] as const;

/** Pods stop slowly, one after the other, so that the progress bar is half full for long enough. */
const timing = { ...demoTiming, podStop: { from: 2_000, to: 16_000 } };

function browserOnPath(): string {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const found = folders
    .flatMap((folder) => ['chromium', 'chromium-browser'].map((name) => join(folder, name)))
    .find(existsSync);
  if (found === undefined)
    throw new Error('There is no Chromium on PATH. Install the Debian package "chromium".');
  return found;
}

const browserOptions = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--hide-scrollbars',
  '--no-first-run',
  '--disable-background-networking',
];

async function openPage(
  browser: Browser,
  environment: DemoEnvironment,
  colorScheme: 'light' | 'dark',
): Promise<Page> {
  // Without motion, so that no tile is caught in an animation.
  const page = await browser.newPage({
    viewport: size,
    colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  await page.goto(environment.slack.url);
  await page.getByText('Tugboot is connected').waitFor({ timeout: patience });
  return page;
}

/** The card of a node: the app's message that names it and is not a reply. */
const cardOf = (environment: DemoEnvironment, node: string) =>
  environment.slack
    .messages()
    .find((message) => message.byApp && message.threadTs === undefined && message.text.includes(node));

async function ask(environment: DemoEnvironment, page: Page, node: string): Promise<string> {
  await page.getByRole('button', { name: `apt upgrade on ${node}` }).click();
  return (await environment.slack.until(() => cardOf(environment, node), patience, `a card for ${node}`)).ts;
}

const settled = (environment: DemoEnvironment): Promise<void> =>
  worldThat(environment, 'every pod running', patience, ({ nodes }) => {
    const pods = nodes.flatMap((node) => node.pods);
    return (
      pods.length > 0 && pods.every(({ state }) => state === 'running') && nodes.every((node) => node.ready)
    );
  });

/** Brings the demo to the state of the picture: some pods evicted, some not. */
async function play(environment: DemoEnvironment, page: Page): Promise<void> {
  const ts = await ask(environment, page, draining);
  await environment.slack.as(environment.slack.users.mia).click({ ts, action: 'Approve now' });
  await ask(environment, page, waiting);
  const closeUp = (): true | undefined =>
    /▓{4,}░/.test(JSON.stringify(environment.slack.message(ts)?.blocks)) || undefined;
  await environment.slack.until(closeUp, patience, `pods leaving ${draining}`);
}

const digestSchemes = [
  { colorScheme: 'light', file: 'digest.png' },
  { colorScheme: 'dark', file: 'digest-dark.png' },
] as const;

/** All workers of a larger cluster ask at once. */
async function takeDigestPictures(
  environment: DemoEnvironment,
  browser: Browser,
  folder: string,
): Promise<void> {
  const pages = await Promise.all(
    digestSchemes.map(async (scheme) => ({
      ...scheme,
      page: await openPage(browser, environment, scheme.colorScheme),
    })),
  );
  await settled(environment);
  await pages[0]?.page.getByRole('button', { name: 'Patch all workers' }).click();
  for (const { page, file } of pages) {
    await page.getByText('and 11 nodes more').waitFor({ timeout: patience });
    await page.screenshot({ path: join(folder, file) });
    console.log(join(folder, file));
  }
}

async function takePictures(environment: DemoEnvironment, browser: Browser, folder: string): Promise<void> {
  const pages = await Promise.all(
    schemes.map(async (scheme) => ({
      ...scheme,
      page: await openPage(browser, environment, scheme.colorScheme),
    })),
  );
  const [first] = pages;
  if (!first) return;
  await settled(environment);
  await play(environment, first.page);
  for (const { page, file } of pages) {
    await page
      .getByText(/[1-9]\d* of \d+ pods gone/)
      .first()
      .waitFor({ timeout: patience });
    await page.screenshot({ path: join(folder, file) });
    console.log(join(folder, file));
  }
}

const folder = process.argv[2] ?? 'docs/images';
mkdirSync(folder, { recursive: true });
const browser = await chromium.launch({ executablePath: browserOnPath(), args: browserOptions });
const large = demoCluster(24);
try {
  await inDemo({ nodes: demoNodes, config: demoConfig }, (environment) =>
    takePictures(environment, browser, folder),
  );
  const { scale } = large;
  await inDemo({ nodes: large.nodes, config: large.config, workloads: { scale } }, (environment) =>
    takeDigestPictures(environment, browser, folder),
  );
} finally {
  await browser.close();
}

async function inDemo(
  cluster: Pick<EnvironmentOptions, 'nodes' | 'config' | 'workloads'>,
  work: (environment: DemoEnvironment) => Promise<void>,
): Promise<void> {
  const environment = await openDemoEnvironment({
    ...cluster,
    bundles: resolve('dist'),
    timing,
    env: process.env,
    onTrouble: (error) => console.error(error),
  });
  try {
    environment.startBot();
    await environment.slack.until(() => environment.slack.sockets() > 0, patience, 'the bot');
    await work(environment);
  } finally {
    await environment.close();
  }
}
