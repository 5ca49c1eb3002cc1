import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { why } from './commands.ts';
import { budget, heldDrain, type Story, type StoryEnvironment, workers } from './story-environment.ts';

const inDefault = '/api/v1/namespaces/default/pods';

/** A pending pod: it selects a node label that no node has. */
async function unschedulablePod(
  environment: StoryEnvironment,
  name: string,
  labels: Record<string, string>,
): Promise<void> {
  const spec = { nodeSelector: { site: 'annex' }, containers: [{ name: 'main', image: 'pause' }] };
  await environment.kube('POST', inDefault, {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name, labels },
    spec,
  });
}

/**
 * A Job on a node. The demo's API has no Jobs: there another object takes its place, since only the pod
 * matters.
 */
async function startJob(environment: StoryEnvironment, name: string, node: string): Promise<void> {
  const spec = { nodeName: node, restartPolicy: 'Never', containers: [{ name: 'main', image: 'pause' }] };
  const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name }, spec: { template: { spec } } };
  const known = await environment.kube('GET', '/apis/batch/v1').catch(() => undefined);
  if (known) {
    await environment.kube('POST', '/apis/batch/v1/namespaces/default/jobs', job);
  } else {
    const stand = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name } };
    const made = await environment.kube('POST', '/api/v1/namespaces/default/configmaps', stand);
    const uid = textAt(made, 'metadata', 'uid');
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
    const metadata = { name: `${name}-x`, ownerReferences: [owner] };
    await environment.kube('POST', inDefault, { apiVersion: 'v1', kind: 'Pod', metadata, spec });
  }
}

async function podOfJob(environment: StoryEnvironment, name: string): Promise<string> {
  let found: string | undefined;
  await environment.eventually('the pod of the Job', async () => {
    const pods = await environment.kube('GET', inDefault);
    found = listAt(pods, 'items')
      .filter((pod) =>
        listAt(pod, 'metadata', 'ownerReferences').some((owner) => textAt(owner, 'name') === name),
      )
      .map((pod) => textAt(pod, 'metadata', 'name'))[0];
    return found !== undefined;
  });
  return found ?? '';
}

/**
 * Nodes that are blocked while others are not healthy, or have their turn: the reason is shown, and the node
 * starts once it is gone.
 */
export function holdStories(story: Story): void {
  describe('held back', () => {
    it(
      'by pods elsewhere that are not ready, until enough of them are',
      story(
        {
          pools: [
            {
              ...workers,
              gates: { healthyPods: [{ selector: 'app=cache', namespace: 'default', mostNotReady: 1 }] },
            },
          ],
        },
        async (environment) => {
          for (const name of ['cache-0', 'cache-1'])
            await unschedulablePod(environment, name, { app: 'cache' });
          await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
          const words =
            /2 pods of app=cache in default are pending or not ready, and 1 may be: default\/cache-0, default\/cache-1\./;
          await environment.card('worker-1', words);
          await why(environment, 'worker-1', words);
          expect(environment.node('worker-1').cordoned).toBe(false);
          await environment.kube('PATCH', '/api/v1/nodes/worker-2', {
            metadata: { labels: { site: 'annex' } },
          });
          await environment.card('worker-1', /✓/);
        },
      ),
    );

    it(
      'by a Job that runs on it, until it has finished',
      story(
        { pools: [{ ...workers, gates: { waitForJobs: '10m' } }], programs: 'bundled' },
        async (environment) => {
          await startJob(environment, 'nightly', 'worker-1');
          const pod = await podOfJob(environment, 'nightly');
          await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
          const words =
            /Jobs run on it: default\/nightly-\S+\. It waits for them, up to 10 min from when it could otherwise have started\./;
          await environment.card('worker-1', words);
          await why(environment, 'worker-1', words);
          expect(environment.node('worker-1').cordoned).toBe(false);
          await environment.kube('PATCH', `${inDefault}/${pod}/status`, { status: { phase: 'Succeeded' } });
          await environment.card('worker-1', /✓/);
        },
      ),
    );

    it(
      'by a control-plane node of another pool that is not Ready, until it is',
      story(
        {
          nodes: [
            { name: 'cp-1', controlPlane: true },
            { name: 'worker-1', controlPlane: false },
          ],
          pools: [
            { ...workers, name: 'remote', selector: 'site=remote' },
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
          const labels = { 'node-role.kubernetes.io/control-plane': '', site: 'remote' };
          const ready = (status: string) => ({
            status: { conditions: [{ type: 'Ready', status, lastHeartbeatTime: new Date().toISOString() }] },
          });
          await environment.kube('POST', '/api/v1/nodes', {
            apiVersion: 'v1',
            kind: 'Node',
            metadata: { name: 'remote-1', labels },
          });
          await environment.kube('PATCH', '/api/v1/nodes/remote-1/status', ready('False'));
          await environment.press('mia', await environment.upgrade('cp-1'), 'Approve now');
          const words = /Other control-plane nodes are not Ready: remote-1\./;
          await environment.card('cp-1', words);
          await why(environment, 'cp-1', words);
          expect(environment.node('cp-1').cordoned).toBe(false);
          await environment.kube('PATCH', '/api/v1/nodes/remote-1/status', ready('True'));
          await environment.card('cp-1', /✓/);
        },
      ),
    );

    it(
      'by a node that somebody has cordoned, until it is uncordoned',
      story({}, async (environment) => {
        await environment.kube('PATCH', '/api/v1/nodes/worker-2', { spec: { unschedulable: true } });
        await environment.press('mia', await environment.upgrade('worker-1'), 'Approve now');
        const words = /Pool workers may have 1 of 2 nodes out of service, and has: worker-2 is cordoned\./;
        await environment.card('worker-1', words);
        await why(environment, 'worker-1', words);
        expect(environment.node('worker-1').cordoned).toBe(false);
        await environment.kube('PATCH', '/api/v1/nodes/worker-2', { spec: { unschedulable: null } });
        await environment.card('worker-1', /✓/);
      }),
    );

    it(
      'by the node that has the one turn of the pool, until that one is done',
      story({ pools: [{ ...workers, maxUnavailable: 2 }] }, async (environment) => {
        const { node } = await heldDrain(environment);
        const other = node === 'worker-1' ? 'worker-2' : 'worker-1';
        await environment.press('lee', await environment.upgrade(other), 'Approve now');
        const words = new RegExp(`${node} has the one turn of pool workers; it is draining\\.`);
        await environment.card(other, words);
        await why(environment, other, words);
        expect(environment.node(other).cordoned).toBe(false);
        await budget(environment, 1);
        await environment.card(other, /✓/);
      }),
    );
  });
}
