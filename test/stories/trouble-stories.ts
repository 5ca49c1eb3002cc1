import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { describeWith } from '../needs/describe-with.ts';
import { lackOf } from '../needs/programs.ts';
import { budget, heldDrain, ordersGiven, patience, type Story, workers } from './story-house.ts';

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
        async (house) => {
          house.kubelets.get('worker-1')?.failNextBoot('never-back');
          const card = await house.upgrade('worker-1');
          await house.press('mia', card, 'Approve now');
          const failed = await house.card('worker-1', /did not come back/);
          expect(failed.ts).toBe(card.ts);
          expect(house.node('worker-1').cordoned).toBe(true);

          const second = await house.upgrade('worker-2');
          await house.press('lee', second, 'Approve now');
          await house.card('worker-2', /worker-1 failed/);
          await house.press('mia', await house.card('worker-1', /tugboot.skip/), 'Skip');
          await house.card('worker-2', /✓/);
          expect(house.node('worker-1').cordoned).toBe(true);
        },
      ),
    );

    it(
      'the DaemonSet that was broken before: shown before anybody decides, and no reboot fails for it',
      story({}, async (house) => {
        const labels = { app: 'exporter' };
        const annotations = { 'demo.tugboot.dev/never-ready': 'true' };
        await house.kube('POST', '/apis/apps/v1/namespaces/default/daemonsets', {
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
        await house.until('the exporters run', (world) =>
          world.nodes.every(({ pods }) => pods.some(({ name }) => name.startsWith('exporter'))),
        );
        const card = await house.upgrade('worker-1');
        await house.card('worker-1', /DaemonSet default\/exporter is not ready here already/);
        await house.press('mia', card, 'Approve now');
        await house.card('worker-1', /✓.*not asked for after it: DaemonSet default\/exporter\./s);
        await house.isFree('worker-1');
      }),
    );

    it(
      'the node that comes back late, after it was given up, is proven all the same',
      story({ pools: [{ ...workers, rebootTimeout: '12s' }] }, async (house) => {
        house.kubelets.get('worker-1')?.failNextBoot('never-back');
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        await house.card('worker-1', /did not come back/);
        await house.powerOn('worker-1');
        await house.card('worker-1', /✓/);
        await house.isFree('worker-1');
      }),
    );

    it(
      'the node that comes back and still wants a reboot: no loop, told, cordoned',
      story({ programs: 'bundled' }, async (house) => {
        house.kubelets.get('worker-1')?.failNextBoot('still-required');
        await house.press('mia', await house.upgrade('worker-1'), 'Approve now');
        const boot = house.bootId('worker-1');
        await house.slack.until(
          () => house.slack.messages().find(({ text, byApp }) => byApp && /✕.*worker-1/.test(text)),
          patience,
          'the failure',
        );
        expect(house.bootId('worker-1')).not.toBe(boot);
        expect(house.node('worker-1').cordoned).toBe(true);
        expect(await ordersGiven(house, 'worker-1')).toBe(1);
      }),
    );

    describeWith('the queues', { lack: lackOf('redis-server') }, () => {
      it(
        'are flushed in mid-drain: the drain goes on, once',
        story({}, async (house) => {
          const { node } = await heldDrain(house);
          const redis = new Redis(house.queue.url);
          await redis.flushall();
          redis.disconnect();
          await budget(house, 1);
          await house.card(node, /✓/);
          expect(await ordersGiven(house, node)).toBe(1);
          await house.isFree(node);
        }),
      );
    });

    it(
      'Slack cut off and back: the decision waits for nobody, the card catches up',
      story({}, async (house) => {
        const card = await house.upgrade('worker-1');
        const back = house.nextConnection();
        house.slack.dropSockets();
        house.slack.faults.add({ method: 'chat.update', times: 3, do: { status: 500 } });
        await back;
        await house.press('mia', card, 'Approve now');
        await house.card('worker-1', /✓/);
      }),
    );
  });
}
