import { describe, expect, it } from 'vitest';
import { listAt, textAt } from '../../src/k8s/api/json-value.ts';
import { paths } from '../../src/k8s/api/paths.ts';
import { noManagedLabels } from '../../src/reboot/ownership/managed-labels.ts';
import type { ClusterWorld } from '../contracts/cluster/cluster-bench.ts';
import { clusterContracts } from '../contracts/cluster/cluster-contracts.ts';
import { aReport } from '../fakes/builders.ts';
import { installation, realSleep, startApiWorld } from './world/api.ts';
import { handOf } from './world/hand.ts';
import { until } from './world/until.ts';

async function makeWorld(): Promise<ClusterWorld> {
  const world = await startApiWorld();
  const kube = world.connect();
  const hand = handOf(world.admin);
  await kube.start(() => undefined, new AbortController().signal);
  const { cluster } = kube;
  return {
    ...hand,
    cluster,
    settled: async () => {
      const fresh = await cluster.freshNodes({ selector: '' });
      await until(
        'the watch shows the nodes',
        () => JSON.stringify(cluster.nodes()) === JSON.stringify(fresh),
      );
    },
    close: () => world.close(),
  };
}

clusterContracts('KubeCluster on the demo API', makeWorld);

describe('KubeCluster', () => {
  it('costs no request when a mark says already what it should', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const target = await handOf(world.admin).addNode('n1');
    await kube.start(() => undefined, new AbortController().signal);
    await kube.cluster.setRebootRequired(target, 'True', 'linux-image');
    const before = world.api.requests().length;
    await kube.cluster.setRebootRequired(target, 'True', 'linux-image');
    expect(world.api.requests()).toHaveLength(before);
    await world.close();
  });

  it('tells of its own mark on a node to nobody, and of the same mark by somebody else', async () => {
    const world = await startApiWorld();
    const [kube, other] = [world.connect(), world.connect()];
    const target = await handOf(world.admin).addNode('n1');
    const told: string[] = [];
    const over = new AbortController();
    await kube.start(({ kind }) => void told.push(kind), over.signal);
    await other.start(() => undefined, over.signal);
    told.length = 0;
    await kube.cluster.setRebootRequired(target, 'True', 'linux-image');
    expect(kube.cluster.cachedNode('n1')?.rebootRequired).toBe('True');
    expect(told).toEqual([]);
    await other.cluster.setRebootRequired(target, 'False', 'none');
    await until('the watch shows it', () => kube.cluster.cachedNode('n1')?.rebootRequired === 'False');
    expect(told).toEqual(['node']);
    over.abort();
    await world.close();
  });

  it('lists the nodes once for starts that come while another list is read', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    for (const name of ['n1', 'n2', 'n3']) await hand.addNode(name);
    await kube.start(() => undefined, new AbortController().signal);
    const lists = (): number =>
      world.api.requests().filter(({ verb, path }) => verb === 'list' && path.endsWith('/nodes')).length;
    const before = lists();
    const first = kube.cluster.freshNodes({ selector: '' }, 'n1');
    await until('the first list is on its way', () => lists() > before);
    await hand.addNode('n4');
    const later = ['n2', 'n3', 'n4'].map((name) => kube.cluster.freshNodes({ selector: '' }, name));
    await first;
    for (const nodes of await Promise.all(later)) expect(nodes.map(({ name }) => name)).toContain('n4');
    expect(lists() - before).toBe(2);
    await world.close();
  });

  it('knows which nodes the DaemonSet of its agents does not select, and serves without a right to read it', async () => {
    const world = await startApiWorld();
    const hand = handOf(world.admin);
    await hand.addNode('n1', { agents: 'yes' });
    await hand.addNode('n2');
    const path = `/apis/apps/v1/namespaces/${installation}/daemonsets`;
    const labels = { 'app.kubernetes.io/part-of': 'tugboot', 'app.kubernetes.io/component': 'agent' };
    const spec = (nodeSelector: unknown) => ({
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: { nodeSelector, containers: [{ name: 'agent', image: 'tugboot' }] },
      },
    });
    const body = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'tugboot-agent', labels },
      spec: spec({ agents: 'yes' }),
    };
    await hand.ask({ method: 'POST', path, body });
    const kube = world.connect();
    await kube.start(() => undefined, new AbortController().signal);
    const unselected = async (): Promise<readonly unknown[]> => {
      const fresh = await kube.cluster.freshNodes({ selector: '' });
      expect(kube.cluster.nodes()).toEqual(fresh);
      return fresh.flatMap(({ name, unselected: found }) => (found === undefined ? [] : [[name, found.why]]));
    };
    expect(await unselected()).toEqual([['n2', 'its nodeSelector wants agents=yes']]);
    expect((await kube.cluster.observe('n2')).node?.unselected).toBeDefined();
    const patch = { spec: { template: { spec: { nodeSelector: { agents: null } } } } };
    await hand.ask({ method: 'PATCH', path: `${path}/tugboot-agent`, patch: 'merge', body: patch });
    await until('the change is seen', () => kube.cluster.nodes().every((node) => !node.unselected));
    const other = world.connect({ sleep: (ms, signal) => realSleep(Math.min(ms, 50), signal) });
    world.api.faults.add({ verb: 'list', path: /daemonsets/, do: { status: 403, body: 'forbidden' } });
    await other.start(() => undefined, new AbortController().signal);
    expect(other.cluster.nodes()).toHaveLength(2);
    await world.close();
  });

  it('lists all nodes once for a state of the watches, and anew when an agent has reported', async () => {
    const world = await startApiWorld();
    const hand = handOf(world.admin);
    const { bootId, uid } = await hand.addNode('n1');
    await hand.taintAsOther('n1', 'team/gpu');
    const path = `/apis/apps/v1/namespaces/${installation}/daemonsets`;
    const labels = { 'app.kubernetes.io/part-of': 'tugboot', 'app.kubernetes.io/component': 'agent' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'agent', image: 'tugboot' }] } };
    const body = {
      apiVersion: 'apps/v1',
      kind: 'DaemonSet',
      metadata: { name: 'tugboot-agent', labels },
      spec: { selector: { matchLabels: labels }, template },
    };
    await hand.ask({ method: 'POST', path, body });
    const kube = world.connect();
    await kube.start(() => undefined, new AbortController().signal);
    await kube.cluster.ensureAgent({ name: 'n1', uid });
    const [tainted] = kube.cluster.nodes();
    expect(tainted?.unselected?.by).toBe('taint');
    await until('the NodeAgent is seen', () => kube.cluster.agent('n1') !== undefined);
    const listed = kube.cluster.nodes();
    expect(kube.cluster.nodes()).toBe(listed);
    // Its pod was there before the taint.
    const reported = { status: aReport({ bootId }) };
    await hand.ask({ method: 'PATCH', path: `${paths.agent('n1')}/status`, patch: 'merge', body: reported });
    await until('it is no longer marked', () => kube.cluster.nodes().every((node) => !node.unselected));
    await world.close();
  });

  it('costs two requests for a node that is new: its NodeAgent, and its first condition', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    await kube.start(() => undefined, new AbortController().signal);
    const asked = (): readonly string[] =>
      world.api
        .requests()
        .filter(({ user, verb }) => user === 'bot' && verb !== 'watch' && verb !== 'list')
        .map(({ verb, path }) => `${verb} ${path.replace(/^.*\/v[^/]+\//, '')}`);
    expect(await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid })).toBe('created');
    await kube.cluster.setRebootRequired(target, 'False', 'The node does not ask for a reboot.');
    expect(asked()).toEqual(['create nodeagents', 'patch nodes/n1/status']);
    const node = await hand.ask({ method: 'GET', path: '/api/v1/nodes/n1' });
    const ours = listAt(node, 'status', 'conditions').filter(
      (each) => textAt(each, 'type') === 'RebootRequired',
    );
    expect(ours.map((each) => textAt(each, 'status'))).toEqual(['False']);
    await world.close();
  });

  it('finds a NodeAgent that the watch does not show yet, and leaves it as it is', async () => {
    const world = await startApiWorld();
    const [kube, other] = [world.connect(), world.connect()];
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    await kube.start(() => undefined, new AbortController().signal);
    world.api.stallWatches();
    expect(await other.cluster.ensureAgent({ name: 'n1', uid: target.uid })).toBe('created');
    expect(await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid })).toBe('exists');
    world.api.resumeWatches();
    await world.close();
  });

  it('costs no request while the order stands, and gives it again when it was taken away', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    await kube.start(() => undefined, new AbortController().signal);
    await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid });
    await until('the watch shows the node', () => kube.cluster.nodes().length === 1);
    expect(await kube.cluster.order(target)).toBe('ordered');
    const before = world.api.requests().length;
    expect(await kube.cluster.order(target)).toBe('ordered');
    expect(world.api.requests()).toHaveLength(before);
    // The same boot ID on another machine is no order of this one.
    expect(await kube.cluster.order({ ...target, uid: 'another' })).toBe('gone');
    await world.connect().cluster.withdrawOrder('n1');
    await until('the watch shows it', () => kube.cluster.agent('n1')?.endBoot === undefined);
    expect(await kube.cluster.order(target)).toBe('ordered');
    expect((await kube.cluster.observe('n1')).agent?.endBoot).toBe(target.bootId);
    await world.close();
  });

  it('leaves a drain of somebody else in the conditions to them, and takes only its own away', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    const conditions = async (): Promise<readonly unknown[]> => {
      const node = await hand.ask({ method: 'GET', path: '/api/v1/nodes/n1' });
      return listAt(node, 'status', 'conditions').map((each) => [
        textAt(each, 'type'),
        textAt(each, 'status'),
        textAt(each, 'reason'),
      ]);
    };
    const before = await conditions();
    await hand.conditionAsOther('n1', 'DrainInProgress', 'KubectlDrain');
    const theirs = [...before, ['DrainInProgress', 'True', 'KubectlDrain']];
    const drain = { reboot: 'n1-4f1c', drained: false };
    await kube.cluster.label(target, () => ({ ...noManagedLabels, drain }));
    expect(await conditions()).toEqual(theirs);
    await kube.cluster.label(target, () => ({ ...noManagedLabels, drain: { ...drain, drained: true } }));
    expect(await conditions()).toEqual([...theirs, ['Drained', 'True', 'Tugboot:n1-4f1c']]);
    await kube.cluster.label(target, () => noManagedLabels);
    expect(await conditions()).toEqual(theirs);
    await world.close();
  });

  it('keeps the time of the transition while only the message changes', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    const transition = async (): Promise<unknown> => {
      const { status } = (await hand.ask({ method: 'GET', path: '/api/v1/nodes/n1' })) as {
        status: { conditions: { type: string; lastTransitionTime?: string; message?: string }[] };
      };
      return status.conditions.find((condition) => condition.type === 'RebootRequired');
    };
    await kube.cluster.setRebootRequired(target, 'True', 'one');
    const first = await transition();
    await kube.cluster.setRebootRequired(target, 'True', 'two');
    expect(await transition()).toMatchObject({
      message: 'two',
      lastTransitionTime: (first as { lastTransitionTime: string }).lastTransitionTime,
    });
    await world.close();
  });

  it('claims a cluster that nobody serves, and refuses one that another installation serves', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const other = world.connect({ namespace: 'other-namespace' });
    const target = await handOf(world.admin).addNode('n1');
    expect(await other.claimInstallation()).toEqual({ ok: true });
    await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid });
    expect(await kube.claimInstallation()).toEqual({ ok: true });
    expect(await other.claimInstallation()).toEqual({ ok: false, other: installation });
    await expect(other.cluster.ensureAgent({ name: 'n1', uid: target.uid })).rejects.toMatchObject({
      code: 'cluster-refused',
      retryable: false,
    });
    await expect(other.cluster.order(target)).rejects.toMatchObject({ code: 'cluster-refused' });
    await world.close();
  });

  it('sees another installation in the watch, behind NodeAgents that name none, and asks nothing for it', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const other = world.connect({ namespace: 'other-namespace' });
    const hand = handOf(world.admin);
    await hand.ask({
      method: 'POST',
      path: '/apis/tugboot.dev/v1alpha1/nodeagents',
      body: { apiVersion: 'tugboot.dev/v1alpha1', kind: 'NodeAgent', metadata: { name: 'n0' }, spec: {} },
    });
    const { uid } = await hand.addNode('n1');
    await kube.cluster.ensureAgent({ name: 'n1', uid });
    expect(await other.claimInstallation()).toEqual({ ok: false, other: installation });
    const over = new AbortController();
    await Promise.all([kube, other].map((each) => each.start(() => undefined, over.signal)));
    const asked = world.api.requests().length;
    expect(kube.otherInstallation()).toBeUndefined();
    expect(other.otherInstallation()).toBe(installation);
    expect(world.api.requests()).toHaveLength(asked);
    over.abort();
    await world.close();
  });

  it('gives a NodeAgent to the new machine of the same name, without the order for the old one', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    const body = {
      apiVersion: 'tugboot.dev/v1alpha1',
      kind: 'NodeAgent',
      metadata: { name: 'n1', annotations: { 'tugboot.dev/installation': installation } },
      spec: { endBoot: 'a-boot-long-ago' },
    };
    await hand.ask({ method: 'POST', path: '/apis/tugboot.dev/v1alpha1/nodeagents', body });
    expect(await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid })).toBe('exists');
    const agent = await hand.ask({ method: 'GET', path: '/apis/tugboot.dev/v1alpha1/nodeagents/n1' });
    expect(agent).toMatchObject({
      spec: {},
      metadata: { ownerReferences: [{ kind: 'Node', name: 'n1', uid: target.uid }] },
    });
    expect((await kube.cluster.observe('n1')).agent).toEqual({ node: 'n1' });
    await world.close();
  });

  it('writes an order that stands already no second time: each write would be a new order to the agent', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid });
    const generation = async (): Promise<unknown> => {
      const path = '/apis/tugboot.dev/v1alpha1/nodeagents/n1';
      return ((await hand.ask({ method: 'GET', path })) as { metadata: { generation: unknown } }).metadata
        .generation;
    };
    const writes = (): number =>
      world.api.requests().filter(({ verb, path }) => verb === 'patch' && path.includes('/nodeagents/'))
        .length;
    expect(await generation()).toBe(1);
    await kube.cluster.order(target);
    await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid });
    await kube.cluster.order(target);
    expect([await generation(), writes()]).toEqual([2, 1]);
    await kube.cluster.withdrawOrder('n1');
    await kube.cluster.withdrawOrder('n1');
    expect([await generation(), writes()]).toEqual([3, 2]);
    await kube.cluster.order(target);
    expect([await generation(), writes()]).toEqual([4, 3]);
    await world.close();
  });

  it('reads the report of an agent', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid });
    const report = {
      required: 'yes',
      packages: [{ name: 'libc6' }],
      packagesLeftOut: 0,
      kernel: { running: '6.8' },
      bootId: 'boot-1',
      agent: '0.1.0',
      order: { endBoot: 'boot-1', state: 'obeying', at: '2026-11-22T12:00:00.000Z', generation: 2 },
    };
    const path = '/apis/tugboot.dev/v1alpha1/nodeagents/n1/status';
    await hand.ask({ method: 'PATCH', path, patch: 'merge', body: { status: report } });
    expect((await kube.cluster.observe('n1')).agent).toEqual({ node: 'n1', report });
    await world.close();
  });
});
