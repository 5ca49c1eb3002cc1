/**
 * The interface of stories to their environment: the demo's, or one with a real control plane. Every wait is
 * for an event, never for a time.
 */
import { readFileSync } from 'node:fs';
import { vi } from 'vitest';
import type { OtherCluster } from '../../demo/environment/demo-environment.ts';
import type { DemoNode } from '../../demo/environment/machines.ts';
import type { Program } from '../../demo/environment/programs.ts';
import type { QueueServer } from '../../demo/environment/queue-server.ts';
import type { Kubelet } from '../../demo/kubelet/kubelet.ts';
import type { LiveWorld } from '../../demo/world/world.ts';
import type { Pressed } from '../../demo/slack/acts/block-action.ts';
import type { FakeSlack } from '../../demo/slack/slack.ts';
import type { Message } from '../../demo/slack/workspace/records.ts';
import type { WorldNode, WorldView } from '../../demo/world/view.ts';
import { worldThat } from '../../demo/story.ts';
import { seededReplicas } from '../../demo/world/seed-workloads.ts';
import { until as untilTrue } from '../k8s/world/until.ts';
import type { BotHere } from './bot-here.ts';

/** Milliseconds: timeout on a busy machine for waits that normally take seconds. */
export const patience = 240_000;

/** Milliseconds: some waits take a minute, and most conditions ask the API server. */
const pollInterval = 50;

export interface Setting {
  readonly pools?: readonly Record<string, unknown>[];
  readonly config?: Record<string, unknown>;
  readonly nodes?: readonly DemoNode[];
  /** Further clusters of the same bot: in the demo's environment only. */
  readonly others?: readonly OtherCluster[];
  /** Number of bots; default: one. */
  readonly bots?: number;
  /** Timeout of each wait. */
  readonly patience?: number;
  readonly programs?: Programs;
}

/**
 * `bundled`: bot and agents are the processes that ship, wherever the story is told. `any`, the default:
 * where the environment can, they run in the process of the test, where a start costs a tenth of the CPU
 * time, and a bot cannot be killed.
 */
export type Programs = 'bundled' | 'any';

export type StoryBot = Program | BotHere;

/** The environment of a story: a cluster with machines, a Slack, a queue server, and the bundled programs. */
export interface Stage {
  readonly slack: FakeSlack;
  readonly world: LiveWorld;
  readonly kubelets: ReadonlyMap<string, Kubelet>;
  readonly queue: QueueServer;
  readonly botLog: string;
  startBot(): Promise<StoryBot>;
  /** As an administrator; throws if the request fails. */
  kube(method: string, path: string, body?: unknown): Promise<Record<string, unknown>>;
  /** The path of each eviction that the API server granted. */
  evictions(): readonly string[];
  close(): Promise<void>;
}

export interface StageOptions {
  readonly nodes: readonly DemoNode[];
  /** The bot's configuration file, as data; the channel is added to it. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly others?: readonly OtherCluster[];
  readonly programs?: Programs;
}

export type OpenStage<S extends Stage> = (wish: StageOptions) => Promise<S>;

export const workers = {
  name: 'workers',
  settleTime: '1s',
  rebootTimeout: '2m',
  settleTimeout: '2m',
  drain: { timeout: '2m' },
} as const;

const twoWorkers = [
  { name: 'worker-1', controlPlane: false },
  { name: 'worker-2', controlPlane: false },
];

/** The actions and observations of a story. */
export interface StoryActions {
  readonly bots: StoryBot[];
  upgrade(node: string): Promise<Message>;
  /** Waits until the newest card of a node matches. */
  card(node: string, wished: RegExp | ((card: Message) => boolean)): Promise<Message>;
  /**
   * Pressed again while Slack shows its warning sign beside the button: a bot on a busy machine may be late
   * to answer, and loses connections.
   */
  press(person: keyof Stage['slack']['users'], card: Message, action: string): Promise<unknown>;
  /** Waits for a reply in the card's thread. */
  reply(card: Message, wished: RegExp): Promise<Message>;
  /** Waits for an ephemeral message to this person. */
  whisper(person: keyof Stage['slack']['users'], wished: RegExp): Promise<string>;
  /** Waits until the world meets the condition. */
  until(what: string, wished: (world: WorldView) => boolean): Promise<void>;
  /** Waits for any other condition. */
  eventually(what: string, holds: () => boolean | Promise<boolean>): Promise<void>;
  node(name: string): WorldNode;
  /** Starts a bot, and resolves when it is connected to Slack. */
  anotherBot(): Promise<StoryBot>;
  /** The same with a start of the story's own. */
  connected<B extends StoryBot>(start: () => Promise<B>): Promise<B>;
  /** Resolves when a bot has connected to Slack again. */
  nextConnection(): Promise<void>;
  bootId(node: string): string;
  /**
   * Starts a machine that did not come back. Its button has no effect until it is down, so it is pressed
   * repeatedly.
   */
  powerOn(node: string): Promise<void>;
  /** Waits until pods can be scheduled on the node again. */
  isFree(node: string): Promise<void>;
  /** Fills in the modal that opens for this person. */
  submit(person: keyof Stage['slack']['users'], values: Readonly<Record<string, string>>): Promise<void>;
}

/** Pods and nodes that are in transition: diagnostics for a drain or a boot that does not complete. */
async function transitions(environment: Stage): Promise<string> {
  const pods = await environment.kube('GET', '/api/v1/pods').catch(() => ({ items: [] }));
  const { items } = pods as { items: { metadata: { name: string }; spec: { nodeName?: string } }[] };
  const nowhere = items.filter(({ spec }) => !spec.nodeName).map(({ metadata }) => metadata.name);
  return `${unrestOf(environment.world.view())}\npods without a node: ${nowhere.join(' ')}`;
}

const unrestOf = ({ nodes }: WorldView): string =>
  nodes
    .map(({ name, ready, cordoned, pods }) => {
      const waiting = pods.filter(({ state }) => state !== 'running');
      const said = waiting.map((pod) => ` ${pod.namespace}/${pod.name} ${pod.state}`).join(',');
      return `${name}${ready ? '' : ' not ready'}${cordoned ? ' cordoned' : ''}, ${pods.length} pods${said}`;
    })
    .join('\n');

/** Adds the end of the bot's log to the error of a wait. */
async function explained<T>(environment: Stage, wait: Promise<T>): Promise<T> {
  try {
    return await wait;
  } catch (error) {
    const log = readFileSync(environment.botLog, 'utf8').split('\n').slice(-25).join('\n');
    const cards = environment.slack
      .messages()
      .map(({ text }) => text)
      .join('\n');
    throw new Error(
      `${error instanceof Error ? error.message : String(error)}\n--- cards\n${cards}\n--- nodes\n${await transitions(environment)}\n--- the bot's last words\n${log}`,
      { cause: error },
    );
  }
}

export type StoryEnvironment<S extends Stage = Stage> = S & StoryActions;

export async function openStoryEnvironment<S extends Stage>(
  open: OpenStage<S>,
  setting: Setting,
): Promise<StoryEnvironment<S>> {
  const stage = await open({
    nodes: setting.nodes ?? twoWorkers,
    config: { cluster: 'story', approvers: 'channel', pools: setting.pools ?? [workers], ...setting.config },
    programs: setting.programs ?? 'any',
    ...(setting.others === undefined ? {} : { others: setting.others }),
  });
  const told = { ...stage, ...actionsOf(stage, setting.patience ?? patience) };
  try {
    for (let bot = 0; bot < (setting.bots ?? 1); bot += 1) await told.anotherBot();
    await told.until('all pods running', isSettled);
  } catch (error) {
    await told.close();
    throw error;
  }
  return told;
}

/** All that was seeded runs, and DaemonSets have a pod on each node. */
function isSettled({ nodes }: WorldView): boolean {
  const pods = nodes.flatMap((node) => node.pods);
  return (
    nodes.every((node) => node.ready && node.pods.length > 0) &&
    pods.every(({ state }) => state === 'running') &&
    pods.filter(({ owner }) => owner !== 'DaemonSet').length >= seededReplicas
  );
}

/** A test that runs one story. */
export type Story<S extends Stage = Stage> = (
  setting: Setting,
  run: (environment: StoryEnvironment<S>) => Promise<void>,
) => () => Promise<void>;

/** Each story has an environment of its own, so that stories can run concurrently. */
export const storiesIn =
  <S extends Stage>(open: OpenStage<S>): Story<S> =>
  (setting, run) =>
  async () => {
    const environment = await openStoryEnvironment(open, setting);
    try {
      await run(environment);
    } finally {
      await environment.close();
    }
  };

const isRunning = (bot: StoryBot): boolean =>
  bot.child ? bot.child.exitCode === null && bot.child.signalCode === null : bot.isRunning();

/** All that a card says, for tests to search. */
export const described = (card: Message): string => `${card.text} ${JSON.stringify(card.blocks ?? [])}`;

function actionsOf(environment: Stage, patience: number): StoryActions & Pick<Stage, 'close'> {
  const { slack } = environment;
  const bots: StoryBot[] = [];
  const until: Stage['slack']['until'] = (probe, limit, what) =>
    explained(environment, slack.until(probe, limit, what));
  const newest = (node: string): Message | undefined =>
    slack
      .messages()
      .findLast((message) => message.byApp && message.threadTs === undefined && message.text.includes(node));
  const verbs: StoryActions & Pick<Stage, 'close'> = {
    bots,
    async close() {
      // Killed: a bot that is stopped together with its queues waits for them until its shutdown timeout.
      await Promise.all(bots.map((bot) => (bot.child ? bot.kill() : bot.stop())));
      await environment.close();
    },
    anotherBot: () => verbs.connected(() => environment.startBot()),
    async connected(start) {
      const connected = verbs.nextConnection();
      const bot = await start();
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
      await environment.world.aptUpgrade(node);
      // The agent may report the sentinel before the list of packages is there, and an approval of nothing
      // lapses.
      return verbs.card(node, /asks for a reboot.*linux-image/su);
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
    async press(person, card, action) {
      const offered = (): boolean =>
        slack.messages().some((message) => message.ts === card.ts && described(message).includes(action));
      const click = (): Promise<Pressed> => slack.as(slack.users[person]).click({ ts: card.ts, action });
      let pressed = await click();
      while (pressed.kind === 'failed' && bots.some(isRunning) && offered()) {
        await until(() => slack.sockets() > 0, patience, 'a connection to Slack');
        pressed = await click();
      }
      return pressed;
    },
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
    until: (what, wished) => explained(environment, worldThat(environment, what, patience, wished)),
    eventually: (what, holds) => explained(environment, untilTrue(what, holds, patience, pollInterval)),
    node: (name) => {
      const found = environment.world.view().nodes.find((node) => node.name === name);
      if (!found) throw new Error(`no node ${name}`);
      return found;
    },
    bootId: (name) => environment.kubelets.get(name)?.bootId() ?? '',
    powerOn: async (name) => {
      const before = verbs.bootId(name);
      const pressed = async (): Promise<void> => {
        await environment.kubelets.get(name)?.pressPowerButton();
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

export function nodeOf(environment: StoryEnvironment, pod: string): string {
  const found = environment.world
    .view()
    .nodes.find((node) => node.pods.some(({ namespace, name }) => `${namespace}/${name}` === pod));
  if (!found) throw new Error(`no node runs ${pod}`);
  return found.name;
}

/** Changes the database's budget. */
export async function budget(environment: StoryEnvironment, minAvailable: number): Promise<void> {
  await environment.kube('PATCH', '/apis/policy/v1/namespaces/db/poddisruptionbudgets/pg', {
    spec: { minAvailable },
  });
}

/** A reboot that was approved, and whose drain waits for the database's budget. */
export async function heldDrain(
  environment: StoryEnvironment,
): Promise<{ readonly node: string; readonly card: Message }> {
  await budget(environment, 3);
  const node = nodeOf(environment, 'db/pg-0');
  const card = await environment.upgrade(node);
  await environment.press('mia', card, 'Approve now');
  await environment.reply(card, /db\/pg/);
  return { node, card };
}

/**
 * Number of orders that the bot gave a node: the object is created without one, and each order and each
 * withdrawal is a new generation.
 */
export async function ordersGiven(environment: StoryEnvironment, node: string): Promise<number> {
  const agent = await environment.kube('GET', `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`);
  const { generation } = agent['metadata'] as { generation: number };
  return Math.floor(generation / 2);
}

export const readyz = (stage: Pick<Stage, 'botLog'>): Promise<string> => opsPage(stage, '/readyz');

export const scraped = (stage: Pick<Stage, 'botLog'>): Promise<string> => opsPage(stage, '/metrics');

/** The 200 response of the bot that was started last, on the port in its log. */
export async function opsPage({ botLog }: Pick<Stage, 'botLog'>, path: string): Promise<string> {
  const ports = [...readFileSync(botLog, 'utf8').matchAll(/"health_port":(\d+)/g)];
  const response = await fetch(`http://127.0.0.1:${ports.at(-1)?.[1] ?? ''}${path}`);
  const text = await response.text();
  if (response.status !== 200) throw new Error(`${path} answers ${response.status}: ${text}`);
  return text;
}
