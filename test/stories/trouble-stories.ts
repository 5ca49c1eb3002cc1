import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { budget, heldDrain, ordersGiven, patience, type Story, workers } from './story-environment.ts';

/** Failures of nodes, queues and Slack. */
export function troubleStories(story: Story): void {
  describe('when things go wrong', () => {
    it(
      'the node that does not come back: told, cordoned, the pool halted; skip lets the pool go on',
      story(
        {
          nodes: ['worker-1', 'worker-2', 'worker-3'].map((name) => ({ name, controlPlane: false })),
          pools: [{ ...workers, rebootTimeout: '45s', maxUnavailable: 2 }],
        },
        async (environment) => {
          environment.kubelets.get('worker-1')?.failNextBoot('never-back');
          const card = await environment.upgrade('worker-1');
          await environment.press('mia', card, 'Approve now');
          const failed = await environment.card('worker-1', /did not come back/);
          expect(failed.ts).toBe(card.ts);
          expect(environment.node('worker-1').cordoned).toBe(true);

          const second = await environment.upgrade('worker-2');
          await environment.press('lee', second, 'Approve now');
          await environment.card('worker-2', /worker-1 failed/);
          await environment.press('mia', await environment.card('worker-1', /tugboot.skip/), 'Skip');
          await environment.card('worker-2', /✓/);
          expect(environment.node('worker-1').cordoned).toBe(true);
        },
      ),
    );

    it(
      'the DaemonSet that was broken before: shown before anybody decides, and no reboot fails for it',
      story({}, async (environment) => {
        const labels = { app: 'exporter' };
        const annotations = { 'demo.tugboot.dev/never-ready': 'true' };
        await environment.kube('POST', '/apis/apps/v1/namespaces/default/daemonsets', {
          apiVersion: 'apps/v1',
          kind: 'DaemonSet',
          metadata: { name: 'exporter', namespace: 'default' },
          spec: {
            selector: { matchLabels: labels },
            template: {
              metadata: { labels, annotations },
              spec: { containers: [{ name: 'exporter', image: 'exporter:1' }] },
            },
          },
        });
        await environment.until('the exporters run', (world) =>
          world.nodes.every(({ pods }) => pods.some(({ name }) => name.startsWith('exporter'))),
        );
        const card = await environment.upgrade('worker-1');
        await environment.card('worker-1', /DaemonSet default\/exporter is not ready here already/);
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /✓.*not asked for after it: DaemonSet default\/exporter\./s);
        await environment.isFree('worker-1');
      }),
    );

    it(
      'the node that comes back late, after it was given up, is proven all the same',
      story({ pools: [{ ...workers, rebootTimeout: '12s' }] }, async (environment) => {
        environment.kubelets.get('worker-1')?.failNextBoot('never-back');
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /did not come back/);
        await environment.powerOn('worker-1');
        await environment.card('worker-1', /✓/);
        await environment.isFree('worker-1');
      }),
    );

    it(
      'the node that comes back and still wants a reboot: no loop, told, cordoned',
      story({ programs: 'bundled' }, async (environment) => {
        environment.kubelets.get('worker-1')?.failNextBoot('still-required');
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        const boot = environment.bootId('worker-1');
        await environment.slack.until(
          () => environment.slack.messages().find(({ text, byApp }) => byApp && /✕.*worker-1/.test(text)),
          patience,
          'the failure',
        );
        expect(environment.bootId('worker-1')).not.toBe(boot);
        expect(environment.node('worker-1').cordoned).toBe(true);
        expect(await ordersGiven(environment, 'worker-1')).toBe(1);
      }),
    );

    describeWith('the queues', { lack: lackOf('redis-server') }, () => {
      it(
        'are flushed in mid-drain: the drain goes on, once',
        story({}, async (environment) => {
          const { node } = await heldDrain(environment);
          const redis = new Redis(environment.queue.url);
          await redis.flushall();
          redis.disconnect();
          await budget(environment, 1);
          await environment.card(node, /✓/);
          expect(await ordersGiven(environment, node)).toBe(1);
          await environment.isFree(node);
        }),
      );
    });

    it(
      'Slack cut off and back: the decision waits for nobody, the card catches up',
      story({}, async (environment) => {
        const card = await environment.upgrade('worker-1');
        const back = environment.nextConnection();
        environment.slack.dropSockets();
        environment.slack.faults.add({ method: 'chat.update', times: 3, do: { status: 500 } });
        await back;
        await environment.press('mia', card, 'Approve now');
        await environment.card('worker-1', /✓/);
      }),
    );
  });
}
