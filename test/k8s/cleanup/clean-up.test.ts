import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { cleanUpCluster, type CleanupOptions } from '../../../src/k8s/cleanup/clean-up.ts';
import type { Kube } from '../../../src/k8s/kube.ts';
import { at } from '../../../src/k8s/api/json-value.ts';
import { type ApiWorld, installation, realSleep, startApiWorld, systemClock } from '../world/api.ts';
import { type Hand, handOf } from '../world/hand.ts';
import { addNodes, markNodes, type MarkedCluster, withoutEmpty } from './marked-cluster.ts';

let world: ApiWorld;
let hand: Hand;
let kube: Kube;
let marked: MarkedCluster;
let lines: string[];
beforeEach(async () => {
  world = await startApiWorld();
  hand = handOf(world.admin);
  marked = await addNodes(hand);
  lines = [];
  kube = world.connect();
  await kube.start(() => undefined, new AbortController().signal);
});
afterEach(() => world.close());

const cleanUp = (overrides: Partial<CleanupOptions> = {}): Promise<readonly string[]> =>
  cleanUpCluster({
    client: world.admin,
    clock: systemClock,
    sleep: realSleep,
    namespace: installation,
    reboots: false,
    wait: 0,
    tell: (line) => void lines.push(line),
    ...overrides,
  });

const get = (path: string): Promise<unknown> => hand.ask({ method: 'GET', path });
const names = async (path: string): Promise<unknown> =>
  ((await get(path)) as { items: { metadata: { name: string } }[] }).items.map(
    ({ metadata }) => metadata.name,
  );

const nodes = async (): Promise<unknown> => withoutEmpty(at(await get('/api/v1/nodes'), 'items'));
const isCordoned = async (): Promise<unknown> =>
  at(await get('/api/v1/nodes/n1'), 'spec', 'unschedulable') === true;

const obeys = (bootId: string): Promise<unknown> =>
  hand.ask({
    method: 'PATCH',
    path: '/apis/tugboot.dev/v1alpha1/nodeagents/n1/status',
    patch: 'merge',
    body: {
      status: {
        required: 'yes',
        packages: [],
        packagesLeftOut: 0,
        kernel: { running: '6.8' },
        bootId,
        agent: '0.1.0',
        order: { endBoot: bootId, state: 'obeying', at: '2026-11-01T00:00:00Z' },
      },
    },
  });

describe('a cleanup', () => {
  it('leaves every node as it was before Tugboot, and Reboots', async () => {
    const before = await nodes();
    await markNodes(kube, marked);
    expect(await nodes()).not.toEqual(before);
    expect(await cleanUp()).toEqual([]);
    expect(await nodes()).toEqual(before);
    expect(await names('/apis/tugboot.dev/v1alpha1/nodeagents')).toEqual([]);
    expect(await names('/apis/tugboot.dev/v1alpha1/reboots')).toEqual(['n1-0123456789']);
    expect(await names(`/api/v1/namespaces/${installation}/configmaps`)).toEqual([]);
    expect(lines).toEqual([
      'Node n1 is uncordoned: Reboot n1-0123456789 had cordoned it.',
      'Node n4 keeps what people have written: tugboot.dev/paused.',
      "4 nodes looked at, 4 had something of Tugboot's.",
      '1 Reboots are left: they are the history (--reboots deletes them).',
    ]);
  });

  it('finds nothing to do when it runs again', async () => {
    await markNodes(kube, marked);
    await cleanUp();
    const after = await nodes();
    expect(await cleanUp({ reboots: true })).toEqual([]);
    expect(await nodes()).toEqual(after);
    expect(await names('/apis/tugboot.dev/v1alpha1/reboots')).toEqual([]);
  });

  it('withdraws an order before it uncordons the node', async () => {
    await markNodes(kube, marked);
    const orders: unknown[] = [];
    const client: CleanupOptions['client'] = {
      ...world.admin,
      watch: (...args) => world.admin.watch(...args),
      close: () => world.admin.close(),
      async send(request) {
        if (request.path === '/api/v1/nodes/n1' && request.method === 'PATCH')
          orders.push(at(await get('/apis/tugboot.dev/v1alpha1/nodeagents/n1'), 'spec'));
        return world.admin.send(request);
      },
    };
    expect(await cleanUp({ client })).toEqual([]);
    expect(orders.length).toBeGreaterThan(1);
    expect(orders.filter((spec) => JSON.stringify(spec) !== '{}')).toEqual([]);
  });

  it('leaves a node that goes down cordoned, and says so', async () => {
    await markNodes(kube, marked);
    await obeys('boot-1');
    expect(await cleanUp()).toEqual([
      'Node n1 has been ordered to reboot and has not come back. It stays cordoned, with its marks. Run this again when it is back.',
    ]);
    expect(await isCordoned()).toBe(true);
    expect(await names('/apis/tugboot.dev/v1alpha1/nodeagents')).toEqual(['n1']);
    await hand.setBoot('n1', 'boot-2');
    expect(await cleanUp()).toEqual([]);
    expect(await isCordoned()).toBe(false);
  });

  it('waits for a node that goes down, and cleans it when it is back', async () => {
    await markNodes(kube, marked);
    await obeys('boot-1');
    const comesBack = async (): Promise<void> => hand.setBoot('n1', 'boot-2');
    expect(await cleanUp({ wait: 60_000, sleep: comesBack })).toEqual([]);
    expect(lines[0]).toBe('Waiting for n1, which have been ordered to reboot.');
    expect(await isCordoned()).toBe(false);
  });

  it('changes nothing in a cluster that another Tugboot owns', async () => {
    await markNodes(kube, marked);
    const before = await nodes();
    const problems = await cleanUp({ namespace: 'other-namespace', reboots: true });
    expect(problems).toEqual([expect.stringMatching(/belongs to the Tugboot of namespace tugboot-system/)]);
    expect(await nodes()).toEqual(before);
    expect(await names('/apis/tugboot.dev/v1alpha1/reboots')).toEqual(['n1-0123456789']);
  });

  it('puts back what people have changed meanwhile only where it is still ours', async () => {
    await markNodes(kube, marked);
    await hand.ask({
      method: 'PATCH',
      path: '/api/v1/nodes/n1',
      patch: 'merge',
      body: { metadata: { labels: { 'example.com/served-by': 'west' } } },
    });
    await hand.uncordonAsOther('n1');
    expect(await cleanUp()).toEqual([]);
    const node = await get('/api/v1/nodes/n1');
    expect(at(node, 'metadata', 'labels')).toEqual({ 'example.com/served-by': 'west' });
    expect(at(node, 'metadata', 'annotations') ?? {}).toEqual({});
  });
});
