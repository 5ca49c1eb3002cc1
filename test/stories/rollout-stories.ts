import { describe, expect, it } from 'vitest';
import type { Message } from '../../demo/slack/workspace/records.ts';
import { type Story, type StoryEnvironment, workers } from './story-environment.ts';

const nodes = ['worker-1', 'worker-2', 'worker-3'] as const;
const setting = {
  pools: [{ ...workers, rollout: { canary: 1, bake: '2s', batches: ['100%'] } }],
  nodes: nodes.map((name) => ({ name, controlPlane: false })),
};

const isDigest = ({ byApp, threadTs, text }: Message): boolean =>
  byApp && threadTs === undefined && /Rollout in pool/.test(text);
const described = ({ text, blocks }: Message): string => `${text} ${JSON.stringify(blocks ?? [])}`;
const digestsOf = (environment: StoryEnvironment): readonly Message[] =>
  environment.slack.messages().filter(isDigest);

/** Waits until the only message of the rollout matches. */
async function digest(environment: StoryEnvironment, wished: RegExp): Promise<Message> {
  const find = (): Message | undefined =>
    digestsOf(environment).find((message) => wished.test(described(message)));
  await environment.eventually(`a digest like ${String(wished)}`, () => find() !== undefined);
  const found = find();
  if (!found) throw new Error('the digest has changed already');
  return found;
}

/** A Deployment whose new pods need a disk that no node has: none of them is ready. */
const wantsDisk = (environment: StoryEnvironment): Promise<unknown> =>
  environment.kube('PATCH', '/apis/apps/v1/namespaces/shop/deployments/cart', {
    // All at once: a rolling update would keep the old pods until new ones are ready.
    spec: {
      strategy: { type: 'Recreate', rollingUpdate: null },
      template: { spec: { nodeSelector: { disk: 'nvme' } } },
    },
  });

const hasDisk = (environment: StoryEnvironment, node: string): Promise<unknown> =>
  environment.kube('PATCH', `/api/v1/nodes/${node}`, { metadata: { labels: { disk: 'nvme' } } });

/** The canary reboots, cart loses its pods meanwhile, and the rest of the pool waits. */
async function haltedAfterCanary(environment: StoryEnvironment): Promise<void> {
  const [canary, ...rest] = nodes;
  // Down until the digest has shown it: it boots in a second, and the digest is not written that often.
  environment.kubelets.get(canary)?.failNextBoot('never-back');
  const cards = new Map<string, Message>();
  for (const node of nodes) cards.set(node, await environment.upgrade(node));
  const approve = async (node: string): Promise<void> => {
    const card = cards.get(node);
    if (card) await environment.press('mia', card, 'Approve now');
  };
  await approve(canary);
  // The number of ready pods has been recorded by then.
  await environment.until(`${canary} cordoned`, () => environment.node(canary).cordoned);
  await wantsDisk(environment);
  await Promise.all(rest.map(approve));
  await digest(environment, /Canary\* .*\*Approved\* worker-2/);
  await environment.powerOn(canary);
  await environment.card(canary, /✓/);
  const halted = await digest(
    environment,
    /is halted.*1 of 3 nodes done.*Deployment shop\/cart has 0 of 3 pods ready/,
  );
  // Slack does not notify people of an edit, so there is a reply.
  await environment.reply(
    halted,
    /Rollout in pool workers is halted.*The digest offers to go on all the same/,
  );
  await environment.card(
    'worker-2',
    /The rollout is halted: Deployment shop\/cart has 0 of 3 pods ready; 3 were before worker-1 was rebooted/,
  );
}

async function end(environment: StoryEnvironment): Promise<void> {
  for (const node of nodes) await environment.card(node, /✓/);
  const over = await digest(environment, /is done.*3 of 3 nodes done.*3 nodes in .*, none failed/);
  expect(digestsOf(environment)).toHaveLength(1);
  expect(described(over)).not.toContain('tugboot.go-on');
}

/** Rollouts in stages, from the canary to the last update of the digest. */
export function rolloutStories(story: Story): void {
  describe('a rollout in stages', () => {
    it(
      'halts when a workload is less ready after the canary, says so in the digest, on cards and to /reboot why, and goes on when somebody says so',
      story(setting, async (environment) => {
        await haltedAfterCanary(environment);
        const { mia } = environment.slack.users;
        await environment.slack.as(mia).command('/reboot why worker-3');
        await environment.whisper('mia', /worker-3 is approved.*What holds it back/s);
        expect(JSON.stringify(environment.slack.ephemerals(mia).at(-1)?.blocks)).toContain(
          'Deployment shop/cart has 0 of 3 pods ready',
        );
        expect(nodes.filter((node) => environment.node(node).cordoned)).toEqual([]);
        await environment.press('mia', await digest(environment, /Go on/), 'Go on');
        await digest(environment, /let it go on although workloads were less ready than before/);
        await end(environment);
      }),
    );

    it(
      'goes on when an approver types the name of the pool, and /reboot status of it shows what the digest shows',
      story(setting, async (environment) => {
        await haltedAfterCanary(environment);
        const { mia } = environment.slack.users;
        await environment.slack.as(mia).command('/reboot status workers');
        await environment.eventually('the status has the rollout', () =>
          /Rollout in pool workers is halted.*1 of 3 nodes done/s.test(
            JSON.stringify(environment.slack.ephemerals(mia).at(-1)?.blocks ?? []),
          ),
        );
        await environment.slack.as(mia).command('/reboot resume workers');
        await environment.whisper('mia', /Pool workers goes on/);
        await end(environment);
      }),
    );
  });
}

/** With the statuses that the controllers of a real control plane write. */
export function recoveredRolloutStory(story: Story): void {
  describe('a rollout in stages that is halted', () => {
    it(
      'goes on by itself when the workload is as ready as before',
      story(setting, async (environment) => {
        await haltedAfterCanary(environment);
        await hasDisk(environment, 'worker-1');
        await end(environment);
      }),
    );
  });
}
