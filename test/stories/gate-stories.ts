import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { packageLock } from '../../demo/kubelet/host-directory.ts';
import { at, listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { holdLock } from '../agent/packages/held-lock.ts';
import { openService } from '../gates/service-of-a-test.ts';
import { type, why } from './commands.ts';
import { nodeOf, type Story, type StoryEnvironment, workers } from './story-environment.ts';

/** Until the agent has reported, no reboot of the node can start. */
async function hasReported(environment: StoryEnvironment, node: string): Promise<boolean> {
  const agents = await environment.kube('GET', '/apis/tugboot.dev/v1alpha1/nodeagents');
  return listAt(agents, 'items').some(
    (agent) => textAt(agent, 'metadata', 'name') === node && at(agent, 'status') !== undefined,
  );
}

/** Gates: each blocks, names its reason, clears, and then the node starts. */
export function gateStories(story: Story): void {
  describe('a gate', () => {
    it(
      'pause: typed in Slack it holds what is approved, /reboot why names it, and resume starts the node at once',
      story({}, async (environment) => {
        await type(environment, 'pause workers storage migration', /Pool workers is paused/);
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /Pool workers is paused by @\S+: storage migration\./);
        await type(environment, 'why worker-1', /What holds it back/);
        const whispers = environment.slack.ephemerals(environment.slack.users.mia);
        expect(JSON.stringify(whispers.at(-1)?.blocks)).toContain('storage migration');
        expect(environment.node('worker-1').cordoned).toBe(false);
        await type(environment, 'resume workers', /Pool workers goes on/);
        await environment.card('worker-1', /✓/);
      }),
    );

    it(
      'a package manager at work: a node that a rule approves at once is not rebooted until the lock is released',
      story({ pools: [{ ...workers, approval: 'auto' }] }, async (environment) => {
        const worker = environment.kubelets.get('worker-1');
        if (worker === undefined) throw new Error('no worker-1');
        const before = environment.bootId('worker-1');
        const lock = holdLock(join(worker.host.path, packageLock));
        try {
          await environment.upgrade('worker-1');
          await environment.card(
            'worker-1',
            /Packages of worker-1 are being changed since .* holds \/var\/lib\/dpkg\/lock-frontend/,
          );
          expect([environment.bootId('worker-1'), environment.node('worker-1').cordoned]).toEqual([
            before,
            false,
          ]);
        } finally {
          lock.release();
        }
        await environment.card('worker-1', /rebooted in/);
      }),
    );

    it(
      'a node on its way out: it is not started, counts as out, and lets both go when it stays after all',
      story({}, async (environment) => {
        const taint = async (taints: readonly unknown[]): Promise<unknown> =>
          environment.kube('PATCH', '/api/v1/nodes/worker-2', { spec: { taints } });
        await taint([{ key: 'ToBeDeletedByClusterAutoscaler', value: '1763812800', effect: 'NoSchedule' }]);
        const cards = {
          first: await environment.upgrade('worker-1'),
          second: await environment.upgrade('worker-2'),
        };
        await environment.press('mia', cards.first, 'Approve now');
        await environment.card('worker-1', /has: worker-2 has the taint ToBeDeletedByClusterAutoscaler/);
        await environment.press('mia', cards.second, 'Approve now');
        await environment.card('worker-2', /worker-2 has the taint ToBeDeletedByClusterAutoscaler/);
        expect([environment.node('worker-1').cordoned, environment.node('worker-2').cordoned]).toEqual([
          false,
          false,
        ]);
        await taint([]);
        await environment.card('worker-1', /rebooted in/);
        await environment.card('worker-2', /rebooted in/);
      }),
    );

    it(
      'pause: an annotation with kubectl holds one node, and taking it away starts it',
      story({}, async (environment) => {
        const annotate = (value: string | null): Promise<unknown> =>
          environment.kube('PATCH', '/api/v1/nodes/worker-1', {
            metadata: { annotations: { 'tugboot.dev/paused': value } },
          });
        await annotate('burn-in test');
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /worker-1 is paused: burn-in test\./);
        await why(environment, 'worker-1', /worker-1 is paused: burn-in test\./);
        await annotate(null);
        await environment.card('worker-1', /✓/);
      }),
    );

    it(
      'asked of people: /reboot now puts a node on the table that no signal asks for, to its proof',
      story({}, async (environment) => {
        const { mia } = environment.slack.users;
        const isTaken = (): boolean =>
          environment.slack
            .ephemerals(mia)
            .some(({ text }) => text.startsWith('You asked for a reboot of worker-2'));
        await environment.eventually('the agent has reported', () => hasReported(environment, 'worker-2'));
        // The bot may receive the report later; until then it refuses the command.
        await environment.eventually('the wish is taken', async () => {
          await environment.slack.as(mia).command('/reboot now worker-2 new firmware');
          return isTaken();
        });
        const card = await environment.card('worker-2', /Asked for by\* @/);
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-2', /✓/);
      }),
    );

    it(
      'a pod on the node that must not be disturbed holds it until it is gone',
      story({ pools: [{ ...workers, gates: { blockingPods: ['app=ci'] } }] }, async (environment) => {
        const pods = '/api/v1/namespaces/default/pods';
        const metadata = { name: 'build-7', labels: { app: 'ci' } };
        const spec = { nodeName: 'worker-1', containers: [{ name: 'main', image: 'pause' }] };
        await environment.kube('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /must not be disturbed: default\/build-7 \(app=ci\)/);
        await why(environment, 'worker-1', /must not be disturbed: default\/build-7 \(app=ci\)/);
        expect(environment.node('worker-1').cordoned).toBe(false);
        await environment.kube('DELETE', `${pods}/build-7`, { gracePeriodSeconds: 0 });
        await environment.card('worker-1', /✓/);
      }),
    );

    it(
      'a pod that asks to be left alone holds it until it asks no more; where its pool does not mind, the card counts it all the same',
      story(
        { pools: [{ ...workers, gates: { podAnnotations: ['karpenter.sh/do-not-disrupt=true'] } }] },
        async (environment) => {
          const pods = '/api/v1/namespaces/default/pods';
          const stay = (key: string, value: string, name: string) => ({
            apiVersion: 'v1',
            kind: 'Pod',
            metadata: { name, annotations: { [key]: value } },
            spec: {
              nodeName: 'worker-1',
              restartPolicy: 'Never',
              containers: [{ name: 'main', image: 'pause' }],
            },
          });
          await environment.kube('POST', pods, stay('karpenter.sh/do-not-disrupt', 'true', 'train'));
          await environment.kube(
            'POST',
            pods,
            stay('cluster-autoscaler.kubernetes.io/safe-to-evict', 'false', 'game'),
          );
          const card = await environment.upgrade('worker-1');
          expect(JSON.stringify(card.blocks)).toMatch(
            /2 pods ask to be left alone: default\/(game and default\/train|train and default\/game)\./,
          );
          await environment.press('mia', card, 'Approve now');
          await environment.card(
            'worker-1',
            /A pod on it asks to be left alone: default\/train \(karpenter\.sh\/do-not-disrupt: true\)/,
          );
          expect(environment.node('worker-1').cordoned).toBe(false);
          await environment.kube('DELETE', `${pods}/game`, { gracePeriodSeconds: 0 });
          await environment.kube('DELETE', `${pods}/train`, { gracePeriodSeconds: 0 });
          await environment.card('worker-1', /✓/);
        },
      ),
    );

    it('a Prometheus with a firing alert and a webhook that says no hold the node, each in words, until they let it go', async () => {
      const vector = (...metrics: readonly Record<string, string>[]) => ({
        status: 200,
        body: {
          status: 'success',
          data: { resultType: 'vector', result: metrics.map((metric) => ({ metric, value: [0, '1'] })) },
        },
      });
      const prometheus = await openService(() => vector({ alertname: 'KubeAPIDown', alertstate: 'firing' }));
      const webhook = await openService(() => ({ status: 409, body: { reason: 'change freeze' } }));
      const gates = { prometheus: [{ url: prometheus.url, alerts: {} }], webhook: { url: webhook.url } };
      await story({ pools: [{ ...workers, gates }] }, async (environment) => {
        const card = await environment.upgrade('worker-1');
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /Alert KubeAPIDown is active\./);
        // The webhook is the last gate, so it is not called while another one blocks.
        expect(webhook.received).toEqual([]);
        prometheus.respond = () => vector();
        await environment.card('worker-1', /The webhook of the pool says no: change freeze/);
        await why(environment, 'worker-1', /The webhook of the pool says no: change freeze/);
        webhook.respond = () => ({ status: 200, body: '' });
        await environment.card('worker-1', /✓/);
      })();
      await Promise.all([prometheus.close(), webhook.close()]);
    });

    it('two bots that see the last pod in the way go ask the webhook once', async () => {
      const webhook = await openService(() => ({ status: 200, body: '' }));
      const gates = { blockingPods: ['app=ci'], webhook: { url: webhook.url } };
      await story({ bots: 2, pools: [{ ...workers, gates }] }, async (environment) => {
        const metadata = { name: 'build-7', labels: { app: 'ci' } };
        const spec = { nodeName: 'worker-1', containers: [{ name: 'main', image: 'pause' }] };
        const pods = '/api/v1/namespaces/default/pods';
        await environment.kube('POST', pods, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /must not be disturbed: default\/build-7/);
        expect(webhook.received).toEqual([]);
        await environment.kube('DELETE', `${pods}/build-7`, { gracePeriodSeconds: 0 });
        await environment.card('worker-1', /✓/);
        expect(webhook.received).toHaveLength(1);
      })();
      await webhook.close();
    });

    it(
      'what it holds back is in nobody’s way: the next node goes meanwhile',
      story(
        {
          pools: [{ ...workers, maxUnavailable: 2, gates: { blockingPods: ['app=pg'] } }],
          nodes: [1, 2, 3, 4, 5].map((nth) => ({ name: `worker-${nth}`, controlPlane: false })),
        },
        async (environment) => {
          const held = nodeOf(environment, 'db/pg-0');
          const database = new Set(['db/pg-0', 'db/pg-1', 'db/pg-2'].map((pod) => nodeOf(environment, pod)));
          const free = ['worker-1', 'worker-2', 'worker-3', 'worker-4', 'worker-5'].find(
            (name) => !database.has(name),
          );
          if (free === undefined) throw new Error('the database is everywhere');
          await environment.press('mia', await environment.upgrade(held), 'Approve now');
          await environment.card(held, /must not be disturbed/);
          await environment.press('mia', await environment.upgrade(free), 'Approve now');
          await environment.card(free, /✓/);
          expect(environment.node(held).cordoned).toBe(false);
        },
      ),
    );
  });
}
