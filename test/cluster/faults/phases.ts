/** A node in each phase that may go on, all at once: what a fault may meet. */
import { expect } from 'vitest';
import type { Message } from '../../../demo/slack/workspace/records.ts';
import { listAt, textAt } from '../../../src/k8s/api/json-value.ts';
import { type Setting, type StoryEnvironment, workers } from '../../stories/story-environment.ts';
import type { RealEnvironment } from '../harness/real-environment.ts';

export const phases = [
  'pending',
  'snoozed',
  'approved',
  'draining',
  'rebooting',
  'stranded',
  'settling',
] as const;
export type PhaseNode = (typeof phases)[number];
/** Cordoned by somebody else: it leaves no room for the approved node, which shares its pool. */
const neighbour = 'neighbour';

const machines = [...phases, neighbour];

/**
 * Their machines start only when somebody presses the button; of one of them the bot has given up waiting:
 * its reboot has failed.
 */
export const dark = ['rebooting', 'stranded'] as const;

const poolOf = (name: PhaseNode): Record<string, unknown> => ({
  ...workers,
  name,
  selector:
    name === 'approved'
      ? `kubernetes.io/hostname in (approved,${neighbour})`
      : `kubernetes.io/hostname=${name}`,
  drain: { timeout: '10m' },
  rebootTimeout: '10m',
  settleTimeout: '10m',
  ...(name === 'settling' ? { settleTime: '15s' } : {}),
  ...(name === 'stranded' ? { rebootTimeout: '15s' } : {}),
});

/** Each node has a pool of its own, so that none waits for another. */
export const everyPhase: Setting = {
  // After an outage clients reconnect at different times, and all reboots are carried out at once.
  patience: 150_000,
  nodes: machines.map((name) => ({ name, controlPlane: false })),
  pools: phases.map(poolOf),
  config: { concurrency: phases.length },
};

type DemoEnvironment = StoryEnvironment<RealEnvironment>;

const holding = '/apis/apps/v1/namespaces/default/deployments';
const budgets = '/apis/policy/v1/namespaces/default/poddisruptionbudgets';
const labels = { app: 'hold' };

/** A pod that only the draining node can run, and a budget that lets nobody move it. */
async function holdDrain(environment: DemoEnvironment): Promise<void> {
  const spec = {
    containers: [{ name: 'hold', image: 'hold' }],
    nodeSelector: { 'kubernetes.io/hostname': 'draining' },
  };
  await environment.kube('POST', holding, {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'hold' },
    spec: { replicas: 1, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
  await environment.kube('POST', budgets, {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'hold' },
    spec: { maxUnavailable: 0, selector: { matchLabels: labels } },
  });
  await environment.until('the pod that holds the drain runs', () =>
    environment
      .node('draining')
      .pods.some(({ name, state }) => name.startsWith('hold-') && state === 'running'),
  );
}

export async function letDrainGo(environment: DemoEnvironment): Promise<void> {
  await environment.kube('DELETE', `${budgets}/hold`);
}

/** The environment is used again by others. */
export async function removeHold(environment: DemoEnvironment): Promise<void> {
  await environment.kube('DELETE', `${holding}/hold`);
}

export async function cordonNeighbour(
  environment: DemoEnvironment,
  unschedulable: true | null,
): Promise<void> {
  await environment.kube('PATCH', `/api/v1/nodes/${neighbour}`, { spec: { unschedulable } });
}

export type Cards = Readonly<Record<PhaseNode, Message>>;

/** The settling node comes last: it does not stay where it is for long. */
export async function bringIntoPhases(environment: DemoEnvironment): Promise<Cards> {
  await holdDrain(environment);
  await cordonNeighbour(environment, true);
  for (const name of dark) environment.kubelets.get(name)?.failNextBoot('never-back');
  const asked = await Promise.all(phases.map((name) => environment.upgrade(name)));
  const cards = Object.fromEntries(phases.map((name, index) => [name, asked[index]])) as Cards;
  for (const name of ['stranded', 'approved', 'draining', 'rebooting'] as const)
    await environment.press('mia', cards[name], 'Approve now');
  await environment.press('mia', cards.snoozed, 'Snooze');
  await environment.submit('mia', { 'tugboot.until': '1 hour' });
  await Promise.all([
    environment.card('approved', /waits for its start.*neighbour/s),
    environment.reply(cards.draining, /default\/hold/),
    environment.card('rebooting', /rebooting is rebooting/),
    environment.card('snoozed', /Snoozed by/),
    environment.card('stranded', /stranded did not come back/),
  ]);
  await environment.until('the machine is dark', () => !environment.node('rebooting').ready);
  await environment.press('mia', cards.settling, 'Approve now');
  await environment.card('settling', /is back and settling/);
  return cards;
}

/** Every Reboot of the cluster, by node. */
export async function rebootsOf(environment: DemoEnvironment, node: string): Promise<readonly unknown[]> {
  const all = await environment.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots');
  return listAt(all, 'items').filter((reboot) => textAt(reboot, 'spec', 'node') === node);
}

export async function turnsTaken(environment: DemoEnvironment): Promise<readonly unknown[]> {
  const ledger = await environment.kube('GET', '/api/v1/namespaces/ops/configmaps/tugboot-turns');
  return listAt(JSON.parse(textAt(ledger, 'data', 'turns.json') ?? '{}'), 'turns');
}

/** One card for each node, however often it was drawn. Titles are compared: other lines name phases, too. */
export function expectOneCardEach(environment: DemoEnvironment, nodes: readonly string[]): void {
  const cards = environment.slack.messages().filter(({ byApp, threadTs }) => byApp && threadTs === undefined);
  const titles = cards.map(({ text }) => text.split('\n', 1).join(''));
  const counts = nodes.map((node) => [
    node,
    titles.filter((title) => title.includes(`${node} `) || title.includes(`${node}:`)).length,
  ]);
  expect(counts).toEqual(nodes.map((node) => [node, 1]));
}
