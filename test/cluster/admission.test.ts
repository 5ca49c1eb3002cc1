import { beforeAll, describe, expect, it } from 'vitest';
import { connectKube } from '../../src/k8s/kube.ts';
import { textAt } from '../../demo/kube/json.ts';
import { mergePatch, messageOf, type RawKube, rawKube } from '../demo/kube/raw-kube.ts';
import { silentLogger } from '../fakes/silent-logger.ts';
import { realSleep, systemClock } from '../k8s/world/api.ts';
import { handOf } from '../k8s/world/hand.ts';
import { until } from '../k8s/world/until.ts';
import { type Actor, type Attempt, attempts, names, rebootBody } from './admission-attempts.ts';
import { agent, bot, installation, installGuarded } from './harness/install-chart.ts';
import { kubectlOrThrow } from './harness/kubectl.ts';
import { onCluster, passiveControllers } from './harness/on-cluster.ts';

const needs = { controllers: passiveControllers, scheduler: false, notOnGiven: 'it makes nodes' };
const nodePath = `/api/v1/nodes/${names.node}`;

onCluster('the admission policies on a real API server', needs, (cluster) => {
  let apis: Readonly<Record<Actor, RawKube>>;

  const as = (user: string, ...groups: readonly string[]): RawKube =>
    rawKube(cluster().url, cluster().plane?.token('admin'), {
      'impersonate-user': user,
      'impersonate-group': groups.join(','),
    });
  const annotate = (api: RawKube, annotations: Record<string, string | null>, path = nodePath) =>
    api.send('PATCH', path, { metadata: { annotations } }, mergePatch);

  beforeAll(async () => {
    await installGuarded(cluster());
    const hand = handOf(cluster().admin);
    await hand.addNode(names.node);
    const taints = [{ key: 'example.com/theirs', effect: 'NoSchedule' }];
    await hand.ask({ method: 'PATCH', path: nodePath, patch: 'merge', body: { spec: { taints } } });
    const pod = await hand.ask({
      method: 'POST',
      path: `/api/v1/namespaces/${installation}/pods`,
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'agent-n1' },
        spec: {
          nodeName: names.node,
          serviceAccountName: agent.name,
          containers: [{ name: 'agent', image: 'agent' }],
        },
      },
    });
    const bound = { name: 'agent-n1', uid: textAt(pod as never, 'metadata', 'uid') };
    apis = {
      mia: as('mia', 'system:masters'),
      cloud: as('cloud', 'system:masters'),
      kubelet: as(`system:node:${names.node}`, 'system:nodes'),
      bot: rawKube(cluster().url, await cluster().tokenOf(bot)),
      agent: rawKube(cluster().url, await cluster().tokenOf({ ...agent, pod: bound })),
    };
    // Policies are in force some moments after they were made, each for itself.
    for (const attempt of attempts.filter(({ refused }) => refused !== undefined))
      await until(
        `a policy refuses: ${attempt.what}`,
        async () => (await tried(attempt)).status >= 400,
        30_000,
      );
    for (const [path, body] of [
      ['/apis/tugboot.dev/v1alpha1/reboots', rebootBody(names.reboot)],
      [
        '/apis/tugboot.dev/v1alpha1/nodeagents',
        { apiVersion: 'tugboot.dev/v1alpha1', kind: 'NodeAgent', metadata: { name: names.node }, spec: {} },
      ],
    ] as const) {
      const made = await apis.bot.send('POST', path, body);
      expect(made.status, made.text).toBe(201);
    }
  });

  /** A dry run: it is judged like a write, and leaves nothing behind. */
  const tried = ({ who, method, path, body, type }: Attempt) =>
    apis[who].send(method, `${path}?dryRun=All`, body, type);

  it.each(
    attempts
      .filter(({ refused }) => refused === undefined)
      .map((each) => [each.who, each.what, each] as const),
  )('%s: %s', async (_who, _what, attempt) => {
    const answer = await tried(attempt);
    expect(answer.status, answer.text).toBeLessThan(300);
  });

  it.each(
    attempts
      .filter(({ refused }) => refused !== undefined)
      .map((each) => [each.who, each.what, each] as const),
  )('%s, refused: %s', async (_who, _what, attempt) => {
    const answer = await tried(attempt);
    expect([403, 422], answer.text).toContain(answer.status);
    expect(messageOf(answer)).toContain('ValidatingAdmissionPolicy');
    expect(messageOf(answer)).toContain(attempt.refused);
  });

  describe('while a name stands on a Node', () => {
    it('kubelets and controllers write the Node as before', async () => {
      const asked = { 'tugboot.dev/reboot-requested': 'firmware', 'tugboot.dev/requested-by': 'mia' };
      expect((await annotate(apis.mia, asked)).status).toBe(200);
      const beat = {
        status: { conditions: [{ type: 'Ready', status: 'True', reason: 'Test', message: '' }] },
      };
      expect((await apis.kubelet.send('PATCH', `${nodePath}/status`, beat, mergePatch)).status).toBe(200);
      const zone = { metadata: { labels: { 'topology.kubernetes.io/zone': 'a' } } };
      expect((await apis.cloud.send('PATCH', nodePath, zone, mergePatch)).status).toBe(200);
      expect((await annotate(apis.cloud, { 'example.com/other': 'x' })).status).toBe(200);
      const whole = await apis.cloud.send('GET', nodePath);
      expect((await apis.cloud.send('PUT', nodePath, whole.body)).status).toBe(200);
    });

    it('nobody puts other words into her mouth', async () => {
      const lee = as('lee', 'system:masters');
      const answer = await annotate(lee, { 'tugboot.dev/reboot-requested': 'something else' });
      expect([answer.status, messageOf(answer)]).toEqual([403, expect.stringContaining('you are lee')]);
      // Her request may be taken away; written again it would be another one in her name.
      expect((await annotate(lee, { 'tugboot.dev/reboot-requested': null })).status).toBe(200);
      expect((await annotate(lee, { 'tugboot.dev/reboot-requested': 'mine' })).status).toBe(403);
      const own = { 'tugboot.dev/reboot-requested': 'mine', 'tugboot.dev/requested-by': 'lee' };
      expect((await annotate(lee, own)).status).toBe(200);
      expect((await annotate(lee, { 'tugboot.dev/requested-by': null })).status).toBe(200);
      expect((await annotate(apis.mia, { 'tugboot.dev/requested-by': 'lee' })).status).toBe(403);
    });
  });

  it('are seen by the bot to be in force, and to be gone', async () => {
    const kube = connectKube({
      kubeconfig: await cluster().kubeconfigOf(bot),
      namespace: installation,
      clock: systemClock,
      random: Math.random,
      logger: silentLogger,
      sleep: realSleep,
    });
    const { node } = await kube.cluster.observe(names.node);
    if (node === undefined) throw new Error('the node is gone');
    await annotate(apis.mia, { 'tugboot.dev/reboot-requested': 'firmware' });
    const target = { node: node.name, uid: node.uid, bootId: node.bootId };
    expect(await kube.cluster.isRequesterProven(target)).toBe(true);
    const binding = 'validatingadmissionpolicybinding/tugboot-requests';
    const kept = await kubectlOrThrow(cluster().kubectl, ['get', binding, '--output', 'json']);
    await kubectlOrThrow(cluster().kubectl, ['delete', binding]);
    const proven = () => kube.cluster.isRequesterProven(target);
    await until('names are not compared any more', async () => !(await proven()), 30_000);
    const { metadata, ...rest } = JSON.parse(kept) as { metadata: { name: string } };
    const again = JSON.stringify({ ...rest, metadata: { name: metadata.name } });
    await kubectlOrThrow(cluster().kubectl, ['create', '--filename', '-'], again);
    await until('names are compared again', proven, 30_000);
    await kube.stop();
  });

  it('a plain kubectl annotate asks', async () => {
    const args = [
      'annotate',
      '--overwrite',
      'node',
      names.node,
      'tugboot.dev/reboot-requested=firmware',
      '--as',
      'mia',
    ];
    const asked = await cluster().kubectl([...args, '--as-group', 'system:masters']);
    expect([asked.code, asked.stderr]).toEqual([0, '']);
    const forged = [...args, '--as-group', 'system:masters', 'tugboot.dev/requested-by=lee'];
    expect((await cluster().kubectl(forged)).stderr).toContain(
      'tugboot.dev/requested-by names who asks, and you are mia. Write that, or leave it out.',
    );
  });
});
