import { describe, expect, it } from 'vitest';
import { type Story, type StoryEnvironment, workers } from './story-environment.ts';

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

async function digestMetadata(environment: StoryEnvironment, node: string): Promise<NodeMetadata> {
  const object = await environment.kube('GET', `/api/v1/nodes/${node}`);
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
  environment: StoryEnvironment,
  node: string,
  what: string,
  wished: (now: NodeMetadata) => boolean,
): Promise<void> =>
  environment.eventually(`${node} wears: ${what}`, async () =>
    wished(await digestMetadata(environment, node)),
  );

const waiting = 'tugboot.dev/reboot-waiting:PreferNoSchedule';
const state = ({ annotations }: NodeMetadata): string | undefined => annotations['tugboot.dev/state'];

const orderOf = async (environment: StoryEnvironment, node: string): Promise<unknown> => {
  const agent = await environment.kube('GET', `/apis/tugboot.dev/v1alpha1/nodeagents/${node}`);
  return (agent['spec'] as { readonly endBoot?: string } | undefined)?.endBoot;
};

/** What hooks write to the node, and their delays. */
export function hookStories(story: Story): void {
  describe('hooks', () => {
    it(
      'the conditions of a drain name the Reboot, keep others away, and go with the uncordon',
      story({ pools: [{ ...workers, hooks: { drainConditions: true, ...delays } }] }, async (environment) => {
        const seen = async (): Promise<string> => {
          const node = await environment.kube('GET', '/api/v1/nodes/worker-1');
          const { conditions = [] } = node['status'] as { conditions?: { type: string; reason?: string }[] };
          return conditions.map(({ type, reason }) => `${type} ${reason ?? ''}`).join(', ');
        };
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.eventually('the drain is told', async () =>
          /DrainInProgress Tugboot:worker-1-/.test(await seen()),
        );
        await environment.eventually('its end is told', async () =>
          /Drained Tugboot:worker-1-/.test(await seen()),
        );
        expect(await seen()).not.toContain('DrainInProgress');
        await environment.card('worker-1', /rebooted in/);
        await environment.isFree('worker-1');
        await environment.eventually('nothing is left', async () => !(await seen()).includes('Tugboot'));
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
        async (environment) => {
          const node = 'worker-1';
          const labels = { 'example.com/team': 'platform' };
          const annotations = { 'example.com/hold': 'platform: "until Friday"' };
          await environment.kube('PATCH', `/api/v1/nodes/${node}`, { metadata: { labels, annotations } });
          const card = await environment.upgrade(node);
          await waitForMetadata(environment, node, 'that it waits', (now) => state(now) === 'Pending');
          expect(await digestMetadata(environment, node)).toMatchObject({
            labels,
            taints: [waiting],
            cordoned: false,
          });

          await environment.press('mia', card, 'Approve now');
          await waitForMetadata(environment, node, 'its labels', (now) => now.labels[excluded] === 'true');
          expect(await digestMetadata(environment, node)).toMatchObject({
            labels: { 'example.com/maintenance': 'true', 'example.com/team': 'tugboot' },
            annotations: { [scaleDown]: 'true', 'example.com/hold': 'tugboot' },
            cordoned: true,
          });
          await environment.card(node, /cordoned and drains soon.*Waits 8 s for the load balancers/s);
          expect(environment.evictions()).toEqual([]);

          await environment.card(
            node,
            /drained and reboots soon.*Its pods are gone\. Waits 8 s before the reboot/s,
          );
          expect(environment.evictions().length).toBeGreaterThan(0);
          expect(await orderOf(environment, node)).toBeUndefined();
          expect(state(await digestMetadata(environment, node))).toBe('Draining');

          const before = environment.bootId(node);
          await environment.card(node, /✓/);
          expect(environment.bootId(node)).not.toBe(before);
          const { items } = await environment.kube('GET', '/apis/tugboot.dev/v1alpha1/reboots');
          const [reboot] = items as { status: { pods: number } }[];
          // The pods are listed twice, and each one is counted once.
          expect(reboot?.status.pods).toBe(environment.evictions().length);
          await waitForMetadata(
            environment,
            node,
            'nothing of the reboot',
            (now) => state(now) === undefined,
          );
          const after = await digestMetadata(environment, node);
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
        async (environment) => {
          const node = 'worker-1';
          const before = await digestMetadata(environment, node);
          await environment.press('mia', await environment.upgrade(node), 'Approve now');
          const waits = await environment.card(node, /Waits 30 min for the load balancers before the drain/);
          expect((await digestMetadata(environment, node)).labels).toHaveProperty([excluded]);
          await environment.press('lee', waits, 'Cancel');
          await environment.card(node, /cancelled.*tugboot\.ask-again/is);
          await environment.isFree(node);
          await waitForMetadata(environment, node, 'nothing', (now) => !(excluded in now.labels));
          expect(await digestMetadata(environment, node)).toEqual(before);
          expect(environment.evictions()).toEqual([]);
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
        async (environment) => {
          const node = 'worker-1';
          await environment.press('mia', await environment.upgrade(node), 'Approve now');
          await environment.card(node, /cordoned and drains soon/);
          await environment.bots[0]?.kill();
          expect(environment.evictions()).toEqual([]);
          await environment.anotherBot();
          await environment.card(node, /✓/);
          await waitForMetadata(environment, node, 'nothing', (now) => !(excluded in now.labels));
        },
      ),
    );
  });
}
