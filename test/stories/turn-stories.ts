import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { openService } from '../gates/service-of-a-test.ts';
import { type as typed, why } from './commands.ts';
import type { DemoStage } from './demo-stage.ts';
import { budget, heldDrain, nodeOf, type Story, workers } from './story-environment.ts';

const three = [1, 2, 3].map((nth) => ({ name: `worker-${nth}`, controlPlane: false }));

const hour = 3_600_000;

/** A window of twice as many minutes, half of which are over. */
function openFor(minutes: number): Record<string, unknown> {
  const start = new Date(Date.now() - minutes * 60_000).toISOString().slice(11, 16);
  const days = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
  return { days, start, duration: `${2 * minutes}m`, timeZone: 'UTC' };
}

/** The order of nodes, and decisions that depend on other services: run in the demo only. */
export function turnStories(story: Story<DemoStage>): void {
  describe('for others it waits', () => {
    it(
      'on the control plane, until the worker that is under way is done',
      story(
        {
          programs: 'bundled',
          nodes: [{ name: 'cp-1', controlPlane: true }, ...three],
          config: { concurrency: 2 },
          pools: [
            {
              ...workers,
              name: 'masters',
              selector: 'node-role.kubernetes.io/control-plane',
              approvalsNeeded: 1,
            },
            workers,
          ],
        },
        async (environment) => {
          const { node } = await heldDrain(environment);
          await environment.press('lee', await environment.upgrade('cp-1'), 'Approve now');
          const words = new RegExp(`Control-plane nodes go after workers, and ${node} is draining\\.`);
          await environment.card('cp-1', words);
          await why(environment, 'cp-1', words);
          expect(environment.node('cp-1').cordoned).toBe(false);
          await budget(environment, 1);
          await environment.card('cp-1', /✓/);
        },
      ),
    );

    it(
      'for the one turn of the whole cluster, which another pool has',
      story(
        { nodes: three, pools: [{ ...workers, name: 'annex', selector: 'site=annex' }, workers] },
        async (environment) => {
          const first = nodeOf(environment, 'db/pg-0');
          const other = first === 'worker-1' ? 'worker-2' : 'worker-1';
          await environment.kube('PATCH', `/api/v1/nodes/${other}`, {
            metadata: { labels: { site: 'annex' } },
          });
          await heldDrain(environment);
          await environment.press('lee', await environment.upgrade(other), 'Approve now');
          const words = new RegExp(`${first} has the one turn of the cluster; it is draining\\.`);
          await environment.card(other, words);
          await why(environment, other, words);
          expect(environment.node(other).cordoned).toBe(false);
          await budget(environment, 1);
          await environment.card(other, /✓/);
        },
      ),
    );

    it(
      'while the whole cluster is paused, and a failed reboot halts its pool: both are named by why',
      story(
        { nodes: three, pools: [{ ...workers, rebootTimeout: '45s', maxUnavailable: 2 }] },
        async (environment) => {
          environment.kubelets.get('worker-1')?.failNextBoot('never-back');
          await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
          await environment.card('worker-1', /did not come back/);
          await typed(environment, 'pause cluster audit', /The whole cluster is paused/);
          await environment.press('lee', await environment.upgrade('worker-2'), 'Approve now');
          await why(environment, 'worker-2', /The whole cluster is paused by @\S+: audit\./);
          await why(environment, 'worker-2', /worker-1 failed/);
          await typed(environment, 'resume cluster', /The whole cluster goes on/);
          expect(environment.node('worker-2').cordoned).toBe(false);
          await environment.press('mia', await environment.card('worker-1', /tugboot.skip/), 'Skip');
          await environment.card('worker-2', /✓/);
        },
      ),
    );

    it(
      'for the time between two reboots of one node',
      story({ pools: [{ ...workers, minTimeBetween: { node: '60s' } }] }, async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        const first = await environment.card('worker-1', /✓/);
        await environment.press('lee', await environment.upgrade('worker-1'), 'Approve now');
        const words = /Reboots of one node are 1 min apart, and worker-1 was the last\./;
        await environment.card('worker-1', words);
        await why(environment, 'worker-1', words);
        const second = await environment.card('worker-1', /✓/);
        expect(second.ts).not.toBe(first.ts);
      }),
    );

    it(
      'for its next window, when the last reboots of the pool would have outlasted what is left of this one; a person may start it all the same',
      story(
        { pools: [{ ...workers, approval: 'window', notice: '1s', windows: [openFor(90)] }] },
        async (environment) => {
          await environment.upgrade('worker-1');
          await environment.card('worker-1', /✓/);
          const path = '/apis/tugboot.dev/v1alpha1/reboots';
          const [past] = listAt(await environment.kube('GET', path), 'items');
          const name = textAt(past, 'metadata', 'name') ?? '';
          await environment.kube('PATCH', `${path}/${name}/status`, {
            status: { took: { total: 2 * hour } },
          });
          await environment.upgrade('worker-2');
          const words =
            /The window closes before it would be done: the last reboots of pool workers took up to 2 h\./;
          const waiting = await environment.card('worker-2', words);
          await why(environment, 'worker-2', words);
          expect(environment.node('worker-2').cordoned).toBe(false);
          await environment.press('mia', waiting, 'Approve now');
          await environment.card('worker-2', /✓/);
        },
      ),
    );

    it('for a Prometheus that does not answer, and then for its expression to be empty', async () => {
      const vector = (...metrics: readonly Record<string, string>[]) => ({
        status: 200,
        body: {
          status: 'success',
          data: { resultType: 'vector', result: metrics.map((metric) => ({ metric, value: [0, '1'] })) },
        },
      });
      const prometheus = await openService(() => ({ status: 503, body: 'starting' }));
      const queries = [{ name: 'rebuilding disks', promql: 'raid_rebuild > 0' }];
      const gates = { prometheus: [{ url: prometheus.url, queries }] };
      await story({ pools: [{ ...workers, gates }] }, async (environment) => {
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        await environment.card('worker-1', /cannot say whether it may start/);
        await why(environment, 'worker-1', /cannot say whether it may start/);
        prometheus.respond = () => vector({ disk: 'md0' });
        const words = /rebuilding disks has to be empty, and is not/;
        await environment.card('worker-1', words);
        await why(environment, 'worker-1', words);
        expect(environment.node('worker-1').cordoned).toBe(false);
        prometheus.respond = () => vector();
        await environment.card('worker-1', /✓/);
      })();
      await prometheus.close();
    });
  });
}
