import { describe, expect, it } from 'vitest';
import type { KubeChange } from '../../src/k8s/kube.ts';
import { aReboot } from '../fakes/builders.ts';
import { installation, keepingLogger, startApiWorld } from './world/api.ts';
import { handOf } from './world/hand.ts';
import { until } from './world/until.ts';

describe('the connection to a cluster', () => {
  it('tells what was there at the start, and then each change that matters, once', async () => {
    const world = await startApiWorld();
    const hand = handOf(world.admin);
    await hand.addNode('n1');
    const kube = world.connect();
    const changes: KubeChange[] = [];
    await kube.start((change) => void changes.push(change), new AbortController().signal);
    expect(changes).toEqual([{ kind: 'node', node: 'n1' }]);
    await hand.ask({
      method: 'PATCH',
      path: '/api/v1/nodes/n1',
      patch: 'merge',
      body: { metadata: { annotations: { noise: '1' } } },
    });
    await hand.setReady('n1', false);
    await until('the loss of readiness is told', () => changes.length > 1);
    expect(changes).toEqual([
      { kind: 'node', node: 'n1' },
      { kind: 'node', node: 'n1' },
    ]);
    expect(kube.cluster.nodes()[0]?.ready).toBe(false);
    await kube.store.create(aReboot());
    await until('the Reboot is told', () => changes.some((change) => change.kind === 'reboot'));
    await world.close();
  });

  it('is ready only when every watch has listed, and waits for a server that is away', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    world.api.faults.add({ verb: 'list', path: /reboots/, times: 2, do: { status: 500, body: 'starting' } });
    await kube.start(() => undefined, new AbortController().signal);
    expect(
      world.api.requests().filter((request) => request.verb === 'list' && request.path.endsWith('reboots')),
    ).toHaveLength(3);
    await world.close();
  });

  it('ends at once when stopped while it starts', async () => {
    const world = await startApiWorld();
    await world.api.faults.down();
    const kube = world.connect();
    const starting = kube.start(() => undefined, new AbortController().signal);
    await kube.stop();
    await starting;
    await world.api.faults.up();
    expect(world.api.watchCount()).toBe(0);
    await world.close();
  });

  it('leaves no connection behind when stopped', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    await kube.start(() => undefined, new AbortController().signal);
    await until('it watches', () => world.api.watchCount() === 7);
    await kube.stop();
    await until('no watch is left', () => world.api.watchCount() === 0);
    await world.close();
  });

  it('is heard from at every event and bookmark', async () => {
    const world = await startApiWorld({ watch: { bookmarkEvery: 10 } });
    const kube = world.connect();
    expect(kube.cluster.heardAt()).toBe(Number.NEGATIVE_INFINITY);
    await kube.start(() => undefined, new AbortController().signal);
    const first = kube.cluster.heardAt();
    await until('it is heard from again', () => kube.cluster.heardAt() > first);
    await world.close();
  });

  it('knows the nodes of the bot and of its Redis, by their labels in its own namespace alone', async () => {
    const world = await startApiWorld();
    const hand = handOf(world.admin);
    for (const node of ['n1', 'n2', 'n3', 'n4', 'n5']) await hand.addNode(node);
    const part = (component: string): Record<string, string> => ({
      'app.kubernetes.io/part-of': 'tugboot',
      'app.kubernetes.io/component': component,
    });
    await hand.addPod('n1', 'bot-1', { namespace: installation, labels: part('bot') });
    await hand.addPod('n2', 'redis-0', { namespace: installation, labels: part('redis') });
    await hand.addPod('n3', 'agent-n3', { namespace: installation, labels: part('agent') });
    await hand.addPod('n4', 'redis-0', { namespace: 'default', labels: part('redis') });
    await hand.addPod('n5', 'other', { namespace: installation });
    const kube = world.connect();
    await kube.start(() => undefined, new AbortController().signal);
    expect([...kube.ownNodes()].sort()).toEqual(['n1', 'n2']);
    const gone = `/api/v1/namespaces/${installation}/pods/redis-0`;
    await hand.ask({ method: 'DELETE', path: gone, body: { gracePeriodSeconds: 0 } });
    await until('its Redis has gone', () => kube.ownNodes().length === 1);
    await world.close();
  });

  it('goes on telling when a listener fails, and logs it', async () => {
    const world = await startApiWorld();
    const logger = keepingLogger();
    const kube = world.connect({ logger });
    const fail = (): void => {
      throw new Error('a mistake');
    };
    const hand = handOf(world.admin);
    await hand.addNode('n1');
    await kube.start(fail, new AbortController().signal);
    await hand.addNode('n2');
    await until('the second node is seen', () => kube.cluster.nodes().length === 2);
    expect(logger.lines.filter((line) => line.level === 'error').length).toBeGreaterThanOrEqual(2);
    await world.close();
  });

  it('says who it is in every request, and writes nothing when nothing changes', async () => {
    const world = await startApiWorld();
    const kube = world.connect();
    const hand = handOf(world.admin);
    const target = await hand.addNode('n1');
    await kube.start(() => undefined, new AbortController().signal);
    await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid });
    await kube.cluster.ensureAgent({ name: 'n1', uid: target.uid });
    const ours = world.api.requests().filter((request) => request.user === 'bot');
    expect(ours.every((request) => request.userAgent === 'tugboot/0.1.0')).toBe(true);
    expect(ours.filter((request) => request.verb === 'create')).toHaveLength(1);
    await world.close();
  });
});
