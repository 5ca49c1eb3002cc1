import { describe, expect, it } from 'vitest';
import { type Story, type StoryHouse, workers } from './story-house.ts';

const scaleDown = 'cluster-autoscaler.kubernetes.io/scale-down-disabled';
const excluded = 'node.kubernetes.io/exclude-from-external-load-balancers';

/** Long enough to be observed between two events on a busy machine. */
const delays = { drainDelay: '8s', rebootDelay: '8s' };

interface NodeMetadata {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly taints: readonly string[];
  readonly cordoned: boolean;
}

async function metadataOf(house: StoryHouse, node: string): Promise<NodeMetadata> {
  const object = await house.kube('GET', `/api/v1/nodes/${node}`);
  const { labels = {}, annotations = {} } = object['metadata'] as {
    labels?: Record<string, string>;
    annotations?: Record<string, string>;
  };
  const { taints = [], unschedulable = false } = object['spec'] as {
    taints?: readonly { readonly key: string; readonly effect: string }[];
    unschedulable?: boolean;
  };
  return {
    labels,
    annotations,
    taints: taints.map(({ key, effect }) => `${key}:${effect}`),
    cordoned: unschedulable,
  };
}

const waitForMetadata = (
  house: StoryHouse,
  node: string,
  what: string,
  wished: (now: NodeMetadata) => boolean,
): Promise<void> =>
  house.eventually(`${node} wears: ${what}`, async () => wished(await metadataOf(house, node)));

const waiting = 'tugboot.dev/reboot-waiting:PreferNoSchedule';
const state = ({ annotations }: NodeMetadata): string | undefined => annotations['tugboot.dev/state'];

const orderOf = async (house: StoryHouse, node: string): Promise<unknown> => {
  const agent = await house.kube('GET', `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`);
  return (agent['spec'] as { readonly endBoot?: string } | undefined)?.endBoot;
};

/** What hooks write to the node, and their delays. */
export function hookStories(story: Story): void {
  describe('hooks', () => {
    it(
      'the conditions of a drain name the Reboot, keep others away, and go with the uncordon',
      story({ pools: [{ ...workers, hooks: { drainConditions: true, ...delays } }] }, async (house) => {
        const seen = async (): Promise<string> => {
          const node = await house.kube('GET', '/api/v1/nodes/worker-1');
          const { conditions = [] } = node['status'] as { conditions?: { type: string; reason?: string }[] };
          return conditions.map(({ type, reason }) => `${type} ${reason ?? ''}`).join(', ');
        };
        const card = await house.upgrade('worker-1');
        await house.press('mia', card, 'Approve now');
        await house.eventually('the drain is told', async () =>
          /DrainInProgress Tugboot:worker-1-/.test(await seen()),
        );
        await house.eventually('its end is told', async () => /Drained Tugboot:worker-1-/.test(await seen()));
        expect(await seen()).not.toContain('DrainInProgress');
        await house.card('worker-1', /rebooted in/);
        await house.isFree('worker-1');
        await house.eventually('nothing is left', async () => !(await seen()).includes('Tugboot'));
      }),
    );

    it(
      'labels, taint, annotations and both waits are seen on the node in their order, and what was there before comes back',
      story(
        {
          pools: [
            {
              ...workers,
              hooks: {
                labels: {
                  before: { 'example.com/maintenance': 'true', 'example.com/team': 'tugboot' },
                  after: { 'example.com/maintenance': 'done' },
                },
                annotations: {
                  before: { [scaleDown]: 'true', 'example.com/hold': 'tugboot' },
                  after: { 'example.com/patched': 'yes' },
                },
                preferNoSchedule: true,
                annotateState: true,
                excludeFromLoadBalancers: true,
                ...delays,
              },
            },
          ],
        },
        async (house) => {
          const node = 'worker-1';
          const labels = { 'example.com/team': 'platform' };
          const annotations = { 'example.com/hold': 'platform: "until Friday"' };
          await house.kube('PATCH', `/api/v1/nodes/${node}`, { metadata: { labels, annotations } });
          const card = await house.upgrade(node);
          await waitForMetadata(house, node, 'that it waits', (now) => state(now) === 'Pending');
          expect(await metadataOf(house, node)).toMatchObject({ labels, taints: [waiting], cordoned: false });

          await house.press('mia', card, 'Approve now');
          await waitForMetadata(house, node, 'its labels', (now) => now.labels[excluded] === 'true');
          expect(await metadataOf(house, node)).toMatchObject({
            labels: { 'example.com/maintenance': 'true', 'example.com/team': 'tugboot' },
            annotations: { [scaleDown]: 'true', 'example.com/hold': 'tugboot' },
            cordoned: true,
          });
          await house.card(node, /cordoned and drains soon.*Waits 8 s for the load balancers/s);
          expect(house.evictions()).toEqual([]);

          await house.card(
            node,
            /drained and reboots soon.*Its pods are gone\. Waits 8 s before the reboot/s,
          );
          expect(house.evictions().length).toBeGreaterThan(0);
          expect(await orderOf(house, node)).toBeUndefined();
          expect(state(await metadataOf(house, node))).toBe('Draining');

          const before = house.bootId(node);
          await house.card(node, /✓/);
          expect(house.bootId(node)).not.toBe(before);
          const { items } = await house.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots');
          const [reboot] = items as { status: { pods: number } }[];
          // The pods are listed twice, and each one is counted once.
          expect(reboot?.status.pods).toBe(house.evictions().length);
          await waitForMetadata(house, node, 'nothing of the reboot', (now) => state(now) === undefined);
          const after = await metadataOf(house, node);
          expect(after).toMatchObject({ taints: [], cordoned: false });
          expect(after.labels).toMatchObject({ ...labels, 'example.com/maintenance': 'done' });
          expect(after.labels).not.toHaveProperty([excluded]);
          expect(after.annotations).toMatchObject({ ...annotations, 'example.com/patched': 'yes' });
          expect(after.annotations).not.toHaveProperty([scaleDown]);
          expect(Object.keys(after.annotations).filter((key) => key.startsWith('tugboot.dev/'))).toEqual([
            'tugboot.dev/last-reboot',
          ]);
        },
      ),
    );

    it(
      'cancelled while it waits for the load balancers: not one pod is moved, and the node is as it was',
      story(
        { pools: [{ ...workers, hooks: { excludeFromLoadBalancers: true, drainDelay: '30m' } }] },
        async (house) => {
          const node = 'worker-1';
          const before = await metadataOf(house, node);
          await house.press('mia', await house.upgrade(node), 'Approve now');
          const waits = await house.card(node, /Waits 30 min for the load balancers before the drain/);
          expect((await metadataOf(house, node)).labels).toHaveProperty([excluded]);
          await house.press('lee', waits, 'Cancel');
          await house.card(node, /cancelled.*tugboot\.ask-again/is);
          await house.isFree(node);
          await waitForMetadata(house, node, 'nothing', (now) => !(excluded in now.labels));
          expect(await metadataOf(house, node)).toEqual(before);
          expect(house.evictions()).toEqual([]);
        },
      ),
    );

    it(
      'a bot that dies in the wait: the next one drains when the time has come, and not before',
      story(
        {
          pools: [{ ...workers, hooks: { excludeFromLoadBalancers: true, ...delays } }],
          programs: 'bundled',
        },
        async (house) => {
          const node = 'worker-1';
          await house.press('mia', await house.upgrade(node), 'Approve now');
          await house.card(node, /cordoned and drains soon/);
          await house.bots[0]?.kill();
          expect(house.evictions()).toEqual([]);
          await house.anotherBot();
          await house.card(node, /✓/);
          await waitForMetadata(house, node, 'nothing', (now) => !(excluded in now.labels));
        },
      ),
    );
  });
}
