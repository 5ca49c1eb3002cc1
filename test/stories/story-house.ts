/** The demo's house with fast machines, and what a story says of it. Everything waits for what happens, never for the clock. */
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { vi } from 'vitest';
import { openHouse, type House, type HouseOptions } from '../../src/demo/house/house.ts';
import type { Program } from '../../src/demo/house/programs.ts';
import { fastTiming } from '../../src/demo/kubelet/timers.ts';
import type { Message } from '../../src/demo/slack/workspace/records.ts';
import type { WorldNode, WorldView } from '../../src/demo/world/view.ts';
import { worldThat } from '../../src/demo/story.ts';

export const patience = 40_000;

export interface Setting {
  readonly pools?: readonly Record<string, unknown>[];
  readonly config?: Record<string, unknown>;
  readonly nodes?: HouseOptions['nodes'];
  readonly workloads?: HouseOptions['workloads'];
  /** How many bots; one is usual. */
  readonly bots?: number;
}

export const workers = {
  name: 'workers',
  settleTime: '1s',
  rebootTimeout: '30s',
  settleTimeout: '20s',
  drain: { timeout: '2m' },
} as const;

const twoWorkers = [
  { name: 'worker-1', controlPlane: false },
  { name: 'worker-2', controlPlane: false },
];

export interface StoryHouse extends House {
  readonly bots: Program[];
  upgrade(node: string): Promise<Message>;
  /** Waits until the card of a node, the newest one, is as wished. */
  card(node: string, wished: RegExp | ((card: Message) => boolean)): Promise<Message>;
  press(person: keyof House['slack']['users'], card: Message, action: string): Promise<unknown>;
  /** Waits for a reply in the card's thread. */
  reply(card: Message, wished: RegExp): Promise<Message>;
  /** Waits for an answer that only this person sees. */
  whisper(person: keyof House['slack']['users'], wished: RegExp): Promise<string>;
  /** Waits until the world is as wished. */
  until(what: string, wished: (world: WorldView) => boolean): Promise<void>;
  node(name: string): WorldNode;
  kube(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  anotherBot(): Promise<Program>;
  /** Resolves when a bot has connected to Slack anew. */
  nextConnection(): Promise<void>;
  bootId(node: string): string;
  /** Starts a machine that did not come back. While it is still going down, its button does nothing: it is pressed until it does. */
  powerOn(node: string): Promise<void>;
  /** Waits until nothing keeps pods away from the node any more. */
  isFree(node: string): Promise<void>;
  /** Fills in the modal that opens for this person. */
  submit(person: keyof House['slack']['users'], values: Readonly<Record<string, string>>): Promise<void>;
}

/** A story that waits in vain says what the bot said last. */
async function explained<T>(house: House, wait: Promise<T>): Promise<T> {
  try {
    return await wait;
  } catch (error) {
    const log = readFileSync(house.botLog, 'utf8').split('\n').slice(-25).join('\n');
    const cards = house.slack
      .messages()
      .map(({ text }) => text)
      .join('\n');
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\n--- cards\n${cards}\n--- the bot's last words\n${log}`,
      { cause: error },
    );
  }
}

async function storyHouse(setting: Setting): Promise<StoryHouse> {
  const house = await openHouse({
    bundles: resolve('dist'),
    timing: fastTiming,
    nodes: setting.nodes ?? twoWorkers,
    workloads: setting.workloads ?? {},
    config: { cluster: 'story', approvers: 'channel', pools: setting.pools ?? [workers], ...setting.config },
    env: process.env,
    onTrouble: (error) => process.stderr.write(`the house: ${String(error)}\n`),
  });
  const told = withVerbs(house);
  try {
    for (let bot = 0; bot < (setting.bots ?? 1); bot += 1) await told.anotherBot();
    await told.until('all pods running', (world) =>
      world.nodes.every(
        (node) => node.ready && node.pods.length > 0 && node.pods.every(({ state }) => state === 'running'),
      ),
    );
  } catch (error) {
    await house.close();
    throw error;
  }
  return told;
}

/** A story in a house of its own, so that stories can be told side by side. */
export const story =
  (setting: Setting, tell: (house: StoryHouse) => Promise<void>) => async (): Promise<void> => {
    const house = await storyHouse(setting);
    try {
      await tell(house);
    } finally {
      await house.close();
    }
  };

const described = (card: Message): string => `${card.text} ${JSON.stringify(card.blocks ?? [])}`;

function withVerbs(house: House): StoryHouse {
  const { slack } = house;
  const bots: Program[] = [];
  const until: House['slack']['until'] = (look, limit, what) =>
    explained(house, slack.until(look, limit, what));
  const newest = (node: string): Message | undefined =>
    slack
      .messages()
      .findLast((message) => message.byApp && message.threadTs === undefined && message.text.includes(node));
  const verbs: StoryHouse = {
    ...house,
    bots,
    async anotherBot() {
      const connected = verbs.nextConnection();
      const bot = house.startBot();
      bots.push(bot);
      await connected;
      return bot;
    },
    nextConnection: async () => {
      const greetings = (): number => slack.frames().filter(({ body }) => body['type'] === 'hello').length;
      const before = greetings();
      await until(() => greetings() > before, patience, 'a new connection to Slack');
    },
    async upgrade(node) {
      await house.world.aptUpgrade(node);
      return verbs.card(node, /asks for a reboot/);
    },
    card: (node, wished) =>
      until(
        () => {
          const found = newest(node);
          if (!found) return false;
          return (typeof wished === 'function' ? wished(found) : wished.test(described(found)))
            ? found
            : false;
        },
        patience,
        `a card of ${node} like ${String(wished)}`,
      ),
    press: (person, card, action) => slack.as(slack.users[person]).click({ ts: card.ts, action }),
    reply: (card, wished) =>
      until(
        () => slack.thread(card.channel, card.ts).find((reply) => wished.test(described(reply))),
        patience,
        `a reply like ${String(wished)}`,
      ),
    whisper: (person, wished) =>
      until(
        () => slack.ephemerals(slack.users[person]).find(({ text }) => wished.test(text))?.text,
        patience,
        `a whisper like ${String(wished)}`,
      ),
    until: (what, wished) => explained(house, worldThat(house, what, patience, wished)),
    node: (name) => {
      const found = house.world.view().nodes.find((node) => node.name === name);
      if (!found) throw new Error(`no node ${name}`);
      return found;
    },
    kube: async (method, path, body) => {
      const response = await fetch(`${house.api.url}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${house.adminToken}`,
          'content-type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json',
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const answer = (await response.json()) as Record<string, unknown>;
      if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${JSON.stringify(answer)}`);
      return answer;
    },
    bootId: (name) => house.kubelets.get(name)?.bootId() ?? '',
    powerOn: async (name) => {
      const before = verbs.bootId(name);
      const pressed = async (): Promise<void> => {
        await house.kubelets.get(name)?.pressPowerButton();
        if (verbs.bootId(name) === before) throw new Error(`${name} does not start`);
      };
      await vi.waitFor(pressed, { timeout: patience, interval: 50 });
    },
    isFree: (name) => verbs.until(`${name} uncordoned`, () => !verbs.node(name).cordoned),
    submit: async (person, modal) => {
      const user = slack.as(slack.users[person]);
      await until(() => user.modal(), patience, 'the modal');
      await user.submitModal({ values: modal });
    },
  };
  return verbs;
}

/** The node that runs a pod. */
export function nodeOf(house: StoryHouse, pod: string): string {
  const found = house.world
    .view()
    .nodes.find((node) => node.pods.some(({ namespace, name }) => `${namespace}/${name}` === pod));
  if (!found) throw new Error(`no node runs ${pod}`);
  return found.name;
}

/** Replaces the database's budget. */
export async function budget(house: StoryHouse, minAvailable: number): Promise<void> {
  await house.kube('PATCH', '/apis/policy/v1/namespaces/db/poddisruptionbudgets/pg', {
    spec: { minAvailable },
  });
}

/** A reboot that was approved, and whose drain waits for the database's budget. */
export async function heldDrain(
  house: StoryHouse,
): Promise<{ readonly node: string; readonly card: Message }> {
  await budget(house, 3);
  const node = nodeOf(house, 'db/pg-0');
  const card = await house.upgrade(node);
  await house.press('mia', card, 'Approve now');
  await house.reply(card, /db\/pg/);
  return { node, card };
}

/** How often the bot gave a node an order: the object is made without one, and each order and each withdrawal is a new generation. */
export async function ordersGiven(house: StoryHouse, node: string): Promise<number> {
  const agent = await house.kube('GET', `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`);
  const { generation } = agent['metadata'] as { generation: number };
  return Math.floor(generation / 2);
}
