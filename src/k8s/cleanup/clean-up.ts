/**
 * Takes back what an installation of Tugboot has written to a cluster: `tugboot cleanup`, which the chart
 * runs before it is uninstalled. Each step is idempotent, so that a second run finishes what a first one
 * left.
 */
import type { Clock, Millis } from '../../reboot/time/time.ts';
import type { Sleep } from '../../timing/sleep.ts';
import { bodyOrThrow, type KubeClient } from '../api/client.ts';
import { objectNameOf } from '../api/object-names.ts';
import { listAll } from '../api/pages.ts';
import { type KubeNode } from '../nodes/kube-node.ts';
import { nodeView } from '../nodes/read-node.ts';
import { paths } from '../api/paths.ts';
import { type OwnAgent, ownAgents, removeAgents, withdrawOrders } from './clean-agents.ts';
import { cleanNode, nodeCleaner } from './clean-node.ts';
import { pollInterval } from './poll-interval.ts';
import { removeConfigMaps, removeReboots } from './remove-records.ts';
import { stopBot } from './stop-bot.ts';

export interface CleanupOptions {
  readonly client: KubeClient;
  readonly clock: Clock;
  readonly sleep: Sleep;
  readonly namespace: string;
  /** The Deployment of the bot, to be stopped first; absent: it has been stopped. */
  readonly bot?: string;
  /** Delete the Reboots as well, which are the history. */
  readonly reboots: boolean;
  /** How long to wait for the bot to end, and then for nodes that are going down. */
  readonly wait: Millis;
  /** A line for people. */
  readonly tell: (line: string) => void;
}

/** Returns what could not be taken back, in sentences; empty when all is done. */
export async function cleanUpCluster(options: CleanupOptions): Promise<readonly string[]> {
  const agents = await ownAgents(options);
  // The labels and annotations belong to another installation: two do not share a cluster.
  if (!agents.ok) return [agents.problem];
  const running = await stopBot(options);
  // A running bot would write again what is removed.
  if (running !== undefined) return [running];
  await withdrawOrders(options, agents.own);
  const down = await untilUp(options, agents.own);
  const problems = await cleanNodes(options, down);
  await removeAgents(
    options,
    agents.own.filter(({ node }) => !down.has(node)),
  );
  await removeConfigMaps(options);
  await removeReboots(options);
  return problems;
}

/** Nodes whose agent has obeyed: they are going down, and no node is uncordoned on its way down. */
async function untilUp(options: CleanupOptions, agents: readonly OwnAgent[]): Promise<ReadonlySet<string>> {
  const deadline = options.clock.now() + options.wait;
  const obeyed = new Map(agents.flatMap(({ node, obeyed: boot }) => (boot ? [[node, boot]] : [])));
  const down = new Set(obeyed.keys());
  for (let told = false; ; told = true) {
    for (const node of down) {
      if ((await bootOf(options, node)) !== obeyed.get(node)) down.delete(node);
    }
    if (down.size === 0 || options.clock.now() >= deadline) return down;
    if (!told) options.tell(`Waiting for ${[...down].join(', ')}, which have been ordered to reboot.`);
    await options.sleep(pollInterval);
  }
}

/** Undefined where the node is gone. */
async function bootOf({ client }: CleanupOptions, node: string): Promise<string | undefined> {
  const answer = await client.send({ method: 'GET', path: paths.node(node) });
  if (!answer.ok && answer.status.code === 404) return undefined;
  return nodeView(bodyOrThrow(answer, `reading node ${node}`) as KubeNode).bootId;
}

async function cleanNodes(options: CleanupOptions, down: ReadonlySet<string>): Promise<readonly string[]> {
  const cleaner = nodeCleaner(options);
  const { items } = await listAll(options.client, { path: paths.nodes }, (node) => objectNameOf(node));
  const problems: string[] = [];
  for (const name of items) {
    const problem = down.has(name)
      ? `Node ${name} has been ordered to reboot and has not come back. It stays cordoned, with its marks. Run this again when it is back.`
      : await cleanNode(cleaner, name);
    if (problem !== undefined) problems.push(problem);
  }
  options.tell(`${items.length} nodes looked at, ${cleaner.changed.size} had something of Tugboot's.`);
  return problems;
}
