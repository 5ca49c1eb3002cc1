import { setTimeout as sleep } from 'node:timers/promises';
import type { Message } from '../../../demo/slack/workspace/records.ts';
import { at, listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { installation } from '../../cluster/harness/install-chart.ts';
import { handOf } from '../../k8s/world/hand.ts';
import type { Site } from './on-machines.ts';
import type { VmEnvironment } from './vm-environment.ts';

export interface SeenNode {
  readonly ready: boolean;
  readonly cordoned: boolean;
  readonly bootId: string;
  readonly kernel: string;
}

export interface SeenPod {
  readonly name: string;
  readonly node: string;
  readonly ready: boolean;
}

/** Waits for what kubectl and Slack show. The error of a wait includes the last output of all programs. */
export interface Onlooker {
  node(name: string): Promise<SeenNode>;
  pods(namespace: string, labels: string): Promise<readonly SeenPod[]>;
  get(path: string): Promise<unknown>;
  until(what: string, holds: () => Promise<boolean>): Promise<void>;
  /** The newest message of the bot's in the channel that speaks of the node so. */
  card(node: string, wished: RegExp): Promise<Message>;
  /** A reply to a card. */
  reply(card: Message, wished: RegExp): Promise<Message>;
}

export function onlookerOf({ cluster, environment }: Site, patience: number): Onlooker {
  const { slack } = environment;
  const get = (path: string, query: Record<string, string> = {}): Promise<unknown> =>
    handOf(cluster.admin).ask({ method: 'GET', path, query });
  const explain = (error: unknown): never => {
    throw new Error(`${String(error)}\n${environment.lastWords()}`, { cause: error });
  };
  return {
    get,
    async node(name) {
      return seenNode(await get(`/api/v1/nodes/${name}`));
    },
    async pods(namespace, labels) {
      const list = await get(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: labels });
      return listAt(list, 'items').map(seenPod);
    },
    until: (what, holds) => outlast({ what, holds, patience, environment }).catch(explain),
    card: (node, wished) =>
      slack
        .until(
          () =>
            slack
              .messages()
              .findLast(
                ({ byApp, threadTs, text }) =>
                  byApp && threadTs === undefined && text.includes(node) && wished.test(text),
              ),
          patience,
          `a card of ${node} like ${String(wished)}`,
        )
        .catch(explain),
    reply: (card, wished) =>
      slack
        .until(
          () => slack.thread(card.channel, card.ts).find(({ text }) => wished.test(text)),
          patience,
          `a reply like ${String(wished)}`,
        )
        .catch(explain),
  };
}

interface Waiting {
  readonly what: string;
  readonly holds: () => Promise<boolean>;
  readonly patience: number;
  readonly environment: Pick<VmEnvironment, 'troubles'>;
}

/** Looks twice a second: to look all the time would take the time from the machines that are waited for. */
async function outlast({ what, holds, patience, environment }: Waiting): Promise<void> {
  const end = Date.now() + patience;
  while (!(await holds())) {
    const [trouble] = environment.troubles();
    if (trouble !== undefined) throw new Error(trouble);
    if (Date.now() > end) throw new Error(`never came true: ${what}`);
    await sleep(500);
  }
}

export const agentLabels = 'app.kubernetes.io/component=agent';

/** The log of the agent that runs now; kubectl logs would have to get into the machine's network. */
export const agentLog = `cat "$(ls -t /var/log/pods/${installation}_tugboot-agent-*/agent/*.log | head -n 1)"`;

function seenNode(node: unknown): SeenNode {
  const info = at(node, 'status', 'nodeInfo');
  return {
    ready: isReady(node),
    cordoned: at(node, 'spec', 'unschedulable') === true,
    bootId: textAt(info, 'bootID') ?? '',
    kernel: textAt(info, 'kernelVersion') ?? '',
  };
}

const seenPod = (pod: unknown): SeenPod => ({
  name: textAt(pod, 'metadata', 'name') ?? '',
  node: textAt(pod, 'spec', 'nodeName') ?? '',
  ready: isReady(pod) && at(pod, 'metadata', 'deletionTimestamp') === undefined,
});

const isReady = (object: unknown): boolean =>
  listAt(object, 'status', 'conditions').some(
    (condition) => textAt(condition, 'type') === 'Ready' && textAt(condition, 'status') === 'True',
  );
