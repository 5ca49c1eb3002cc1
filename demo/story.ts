/**
 * One reboot from the sentinel to the verification, reported as it happens. Everything is observed from
 * outside: through Slack, as a person would, and through the Kubernetes API, as kubectl would. Times come
 * from the records of both servers.
 */
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoEnvironment } from './environment/demo-environment.ts';
import type { RequestRecord } from './kube/kube-api.ts';
import type { Message } from './slack/workspace/records.ts';
import type { WorldView } from './world/view.ts';

export interface StoryResult {
  readonly ok: boolean;
  readonly node: string;
  readonly bootIdBefore: string;
  readonly bootIdAfter: string;
  readonly cordonedByUs: boolean;
  readonly uncordoned: boolean;
  readonly slackCalls: number;
  readonly ms: {
    /** Sentinel written → report in the API. */
    readonly detect: number;
    /** Sentinel written → card posted. */
    readonly card: number;
    /** Click → node cordoned. */
    readonly decision: number;
    /** Click → the card's buttons to decide are gone. */
    readonly buttonsGone: number;
    /** Cordoned → order given. */
    readonly drain: number;
    /** Sentinel written → proven and uncordoned. */
    readonly total: number;
  };
}

export interface StoryOptions {
  readonly node: string;
  readonly tell: (line: string) => void;
  /** Milliseconds that each step may take. */
  readonly patience: number;
}

const decisive = 'Approve now';

export async function tellStory(
  environment: DemoEnvironment,
  { node, tell, patience }: StoryOptions,
): Promise<StoryResult> {
  const { slack } = environment;
  const machine = environment.kubelets.get(node);
  if (!machine) throw new Error(`no node is called ${node}`);
  await podsRunOn(environment, node, patience);
  const before = await readNode(environment, node);
  const start = Date.now();
  const lap = (line: string): void =>
    tell(`${((Date.now() - start) / 1000).toFixed(2).padStart(6)} s  ${line}`);

  const run = join(machine.host.path, 'run');
  await machine.host.aptUpgrade();
  await appendFile(join(run, 'reboot-required.pkgs'), 'linux-base\n');
  lap(`${node}: apt has upgraded packages; ${join(run, 'reboot-required')} is there.`);

  const card = await slack.until(() => cardOf(environment, node), patience, `a card for ${node}`);
  lap(`Card: ${firstLine(card)}`);
  const following = follow(environment, card, lap);

  const clicked = Date.now();
  await slack.as(slack.users.mia).click({ ts: card.ts, action: decisive });
  lap('mia pressed "Approve now".');
  const ended = await slack.until(
    () => endOf(environment, card.ts),
    patience,
    `the end of the reboot of ${node}`,
  );
  const buttonsGone = following.buttonsGone() - clicked;
  following.stop();
  lap(`Card: ${firstLine(ended)}`);

  const after = await uncordonedNode(environment, node, patience);
  lap(
    `${node}: boot ${after.bootId.slice(0, 8)} (was ${before.bootId.slice(0, 8)}), kernel ${after.kernel}, ${after.cordoned ? 'still cordoned' : 'not cordoned'}.`,
  );
  const at = timesOf(environment, node, start);
  const calls = slack
    .calls()
    .filter(
      (call) => call.at >= start && call.status === 200 && /^(chat|views|reactions)\./.test(call.method),
    );
  const proven =
    firstLine(ended).includes('✓') && after.bootId !== before.bootId && after.ready && !after.cordoned;
  return {
    ok: proven,
    node,
    bootIdBefore: before.bootId,
    bootIdAfter: after.bootId,
    cordonedByUs: at.cordon > 0,
    uncordoned: !after.cordoned,
    slackCalls: calls.length,
    ms: {
      detect: at.report - start,
      card: at.card - start,
      decision: at.cordon - clicked,
      buttonsGone,
      drain: at.order - at.cordon,
      total: at.uncordon - start,
    },
  };
}

const podsRunOn = (environment: DemoEnvironment, node: string, patience: number): Promise<void> =>
  worldThat(environment, `pods running on ${node}`, patience, (world) => {
    const pods = world.nodes.flatMap((each) => each.pods);
    return (
      pods.length > 0 &&
      pods.every(({ state }) => state === 'running') &&
      world.nodes.some((each) => each.name === node && each.pods.length > 2)
    );
  });

/** Slack shows a mention as a name. */
const withNames = (text: string): string =>
  text.replaceAll(/<@U0([A-Z]+)>/g, (_, name: string) => `@${name.toLowerCase()}`);

const textOf = (message: Message): string => JSON.stringify(message.blocks ?? message.text);
const firstLine = (message: Message): string => message.text.split('\n')[0] ?? '';

/** The card for a node: the newest that names it and can be decided on. */
function cardOf(environment: DemoEnvironment, node: string): Message | undefined {
  return environment.slack
    .messages()
    .findLast(
      (message) =>
        message.byApp &&
        message.threadTs === undefined &&
        message.text.includes(node) &&
        textOf(message).includes(decisive),
    );
}

function endOf(environment: DemoEnvironment, ts: string): Message | undefined {
  const message = environment.slack.message(ts);
  return message && /^[✓✕]/u.test(message.text) ? message : undefined;
}

/**
 * Reports each new reply and each change of the progress message, and records when the card can no longer be
 * decided on.
 */
function follow(
  environment: DemoEnvironment,
  card: Message,
  tell: (line: string) => void,
): { stop(): void; buttonsGone(): number } {
  const reported = new Map<string, string>();
  let gone = Number.NaN;
  let cardLine = firstLine(card);
  const stop = environment.slack.subscribe(() => {
    const now = environment.slack.message(card.ts);
    if (now && Number.isNaN(gone) && !textOf(now).includes(decisive)) gone = Date.now();
    if (now && firstLine(now) !== cardLine && endOf(environment, card.ts) === undefined) {
      cardLine = firstLine(now);
      tell(`Card: ${cardLine}`);
    }
    for (const reply of environment.slack.thread(card.channel, card.ts)) {
      if (reported.get(reply.ts) === reply.text) continue;
      reported.set(reply.ts, reply.text);
      tell(
        `Thread: ${withNames(reply.text)
          .split('\n')
          .filter((line) => line.trim() !== '')
          .join(' · ')}`,
      );
    }
  });
  return { stop, buttonsGone: () => gone };
}

interface NodeNow {
  readonly bootId: string;
  readonly kernel: string;
  readonly ready: boolean;
  readonly cordoned: boolean;
}

async function readNode(environment: DemoEnvironment, name: string): Promise<NodeNow> {
  const response = await fetch(`${environment.api.url}/api/v1/nodes/${name}`, {
    headers: { authorization: `Bearer ${environment.adminToken}` },
  });
  if (!response.ok) throw new Error(`reading node ${name}: HTTP ${response.status}`);
  const node = (await response.json()) as {
    spec?: { unschedulable?: boolean };
    status: {
      nodeInfo: { bootID: string; kernelVersion: string };
      conditions: { type: string; status: string }[];
    };
  };
  return {
    bootId: node.status.nodeInfo.bootID,
    kernel: node.status.nodeInfo.kernelVersion,
    ready: node.status.conditions.some(({ type, status }) => type === 'Ready' && status === 'True'),
    cordoned: node.spec?.unschedulable ?? false,
  };
}

/** The card may be updated before the world's own view. */
async function uncordonedNode(
  environment: DemoEnvironment,
  name: string,
  patience: number,
): Promise<NodeNow> {
  const free = (world: WorldView): boolean =>
    world.nodes.some((node) => node.name === name && !node.cordoned && node.ready);
  await worldThat(environment, `${name} uncordoned`, patience, free).catch(() => undefined);
  return readNode(environment, name);
}

/** Resolves when the condition holds, evaluated after each change of the world. */
export function worldThat(
  environment: Pick<DemoEnvironment, 'world'>,
  what: string,
  patience: number,
  wished: (world: WorldView) => boolean,
): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = environment.world.subscribe(check);
    const timer = setTimeout(() => {
      stop();
      reject(new Error(`${what}: not within ${patience} ms`));
    }, patience);
    function check(): void {
      if (!wished(environment.world.view())) return;
      clearTimeout(timer);
      stop();
      resolve();
    }
    check();
  });
}

/** When the servers responded to each relevant write. */
function timesOf(
  environment: DemoEnvironment,
  node: string,
  since: number,
): Record<'report' | 'card' | 'cordon' | 'order' | 'uncordon', number> {
  const agent = `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`;
  const writes = environment.api
    .requests()
    .filter(({ at, verb, status }) => at >= since && verb === 'patch' && status === 200);
  const times = (wanted: (write: RequestRecord) => boolean): readonly number[] =>
    writes.filter(wanted).map(({ at }) => at);
  const cordons = times(({ path, user }) => path === `/api/v1/nodes/${node}` && user.endsWith(':tugboot'));
  const card = environment.slack
    .calls()
    .find(({ method, at, status }) => method === 'chat.postMessage' && at >= since && status === 200);
  return {
    report: times(({ path }) => path === `${agent}/status`)[0] ?? Number.NaN,
    card: card?.at ?? Number.NaN,
    cordon: cordons[0] ?? Number.NaN,
    order: times(({ path }) => path === agent)[0] ?? Number.NaN,
    uncordon: cordons.at(-1) ?? Number.NaN,
  };
}
