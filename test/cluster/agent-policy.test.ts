import { beforeAll, expect, it } from 'vitest';
import { at, type Json, textAt } from '../../demo/kube/json.ts';
import { jsonPatch, mergePatch, messageOf, type RawKube, rawKube, reasonOf } from '../demo/kube/raw-kube.ts';
import { handOf } from '../k8s/world/hand.ts';
import { until } from '../k8s/world/until.ts';
import { agent, installChart, installation } from './harness/install-chart.ts';
import { onCluster, passiveControllers } from './harness/on-cluster.ts';

const needs = { controllers: passiveControllers, scheduler: false, notOnGiven: 'it makes nodes' };
const agents = '/apis/tugboot.dev/v1alpha1/nodeagents';
const report = {
  status: {
    required: 'yes',
    packages: [{ name: 'libc6' }],
    packagesLeftOut: 0,
    kernel: { running: '6.8' },
    bootId: 'boot-1',
    agent: '0.1.0',
  },
};

onCluster("an agent's token on a real API server", needs, (cluster) => {
  /** Bound to a pod on node n1, as the kubelet gives it to the DaemonSet's pod there. */
  let own: RawKube;
  /** Of the same account, bound to nothing: as somebody would get who may ask for tokens. */
  let loose: RawKube;
  beforeAll(async () => {
    await installChart(cluster());
    const hand = handOf(cluster().admin);
    for (const name of ['n1', 'n2']) {
      await hand.addNode(name);
      const body = { apiVersion: 'tugboot.dev/v1alpha1', kind: 'NodeAgent', metadata: { name }, spec: {} };
      await hand.ask({ method: 'POST', path: agents, body });
    }
    const pod = await hand.ask({
      method: 'POST',
      path: `/api/v1/namespaces/${installation}/pods`,
      body: {
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'agent-n1' },
        spec: {
          nodeName: 'n1',
          serviceAccountName: agent.name,
          containers: [{ name: 'agent', image: 'agent' }],
        },
      },
    });
    const uid = (pod as { metadata: { uid: string } }).metadata.uid;
    own = rawKube(cluster().url, await cluster().tokenOf({ ...agent, pod: { name: 'agent-n1', uid } }));
    loose = rawKube(cluster().url, await cluster().tokenOf(agent));
    // A policy is in force some moments after it was made.
    const isRefused = async (): Promise<boolean> => (await write(loose, 'n1')).status !== 200;
    await until('the policy is in force', isRefused, 30_000);
  });

  const write = (api: RawKube, node: string): ReturnType<RawKube['send']> =>
    api.send('PATCH', `${agents}/${node}/status`, report, mergePatch);

  it("writes the status of its own node's NodeAgent", async () => {
    const answer = await write(own, 'n1');
    expect([answer.status, textAt(answer.body, 'status', 'required')]).toEqual([200, 'yes']);
  });

  it('reports other rebooters, as many and as long as the definition lets it', async () => {
    const others = (count: number, length: number) => ({
      status: {
        ...report.status,
        otherRebooters: Array.from({ length: count }, () => ({
          name: 'locksmithd',
          what: 'x'.repeat(length),
        })),
      },
    });
    const send = (body: Json): ReturnType<RawKube['send']> =>
      own.send('PATCH', `${agents}/n1/status`, body, mergePatch);
    const stored = await send(others(10, 300));
    expect([stored.status, at(stored.body, 'status', 'otherRebooters')]).toEqual([
      200,
      others(10, 300).status.otherRebooters,
    ]);
    expect((await send(others(11, 1))).status).toBe(422);
    expect((await send(others(1, 301))).status).toBe(422);
    const none = await send({ status: { ...report.status, otherRebooters: null } });
    expect([none.status, at(none.body, 'status', 'otherRebooters')]).toEqual([200, undefined]);
  });

  it("does not write that of another node's, and is told why", async () => {
    const answer = await write(own, 'n2');
    expect([answer.status, reasonOf(answer)]).toEqual([403, 'Forbidden']);
    expect(messageOf(answer)).toBe(
      "nodeagents.tugboot.dev \"n2\" is forbidden: ValidatingAdmissionPolicy 'tugboot-agent' with binding 'tugboot-agent' denied request: " +
        'An agent may write the status of the NodeAgent of its own node only.',
    );
  });

  it('writes nothing when it is bound to no pod', async () => {
    expect((await write(loose, 'n1')).status).toBe(403);
  });

  it('gives no order, neither openly nor through the status', async () => {
    const order = { spec: { endBoot: 'boot-1' } };
    expect((await own.send('PATCH', `${agents}/n1`, order, mergePatch)).status).toBe(403);
    const sneaky = await own.send('PATCH', `${agents}/n1/status`, { ...order, ...report }, mergePatch);
    expect([sneaky.status, at(sneaky.body, 'spec')]).toEqual([200, {}]);
    const patch = [{ op: 'add', path: '/spec/endBoot', value: 'boot-1' }];
    const sneakier = await own.send('PATCH', `${agents}/n1/status`, patch, jsonPatch);
    expect([sneakier.status, at(sneakier.body, 'spec')]).toEqual([200, {}]);
  });

  it('reads its order, and follows it by one watch', async () => {
    expect((await own.send('GET', `${agents}/n1`)).status).toBe(200);
    const watch = await own.watch(`${agents}?watch=true&fieldSelector=metadata.name%3Dn1`);
    expect([watch.status, (await watch.next()).type]).toEqual([200, 'ADDED']);
    watch.close();
    expect((await own.send('GET', agents)).status).toBe(403);
  });

  it('ends with the pod that it is bound to', async () => {
    const path = `/api/v1/namespaces/${installation}/pods/agent-n1`;
    await handOf(cluster().admin).ask({ method: 'DELETE', path, body: { gracePeriodSeconds: 0 } });
    // The server believes a token for some seconds after it has checked it.
    await until(
      'the token is refused',
      async () => (await own.send('GET', `${agents}/n1`)).status === 401,
      30_000,
    );
  });
});
