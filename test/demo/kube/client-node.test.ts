import { CoreV1Api, KubeConfig, PatchStrategy, setHeaderOptions, Watch } from '@kubernetes/client-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type KubeApi, startKubeApi } from '../../../demo/kube/kube-api.ts';
import { isObject, type Json, textAt } from '../../../demo/kube/json.ts';
import { rawKube, within } from './raw-kube.ts';

/** The client library of the product works with the demo's API. */
describe('@kubernetes/client-node against the demo', () => {
  let api: KubeApi;
  let config: KubeConfig;
  let core: CoreV1Api;

  beforeAll(async () => {
    api = await startKubeApi({ users: new Map([['admin', { name: 'admin' }]]) });
    config = new KubeConfig();
    config.loadFromClusterAndUser(
      { name: 'demo', server: api.url, skipTLSVerify: true },
      { name: 'admin', token: 'admin' },
    );
    core = config.makeApiClient(CoreV1Api);
    await rawKube(api.url, 'admin').send('POST', '/api/v1/nodes', {
      metadata: { name: 'n1' },
      status: { nodeInfo: { bootID: 'b1' } },
    });
  });
  afterAll(() => api.close());

  it('gets and lists', async () => {
    expect((await core.readNode({ name: 'n1' })).status?.nodeInfo?.bootID).toBe('b1');
    const listed = await core.listNode({ limit: 10 });
    expect(listed.items.map((node) => node.metadata?.name)).toEqual(['n1']);
  });
  it('patches, and is told of conflicts by their code', async () => {
    const body = [
      { op: 'test', path: '/status/nodeInfo/bootID', value: 'b1' },
      { op: 'add', path: '/spec/unschedulable', value: true },
    ];
    const patched = await core.patchNode(
      { name: 'n1', body },
      setHeaderOptions('Content-Type', PatchStrategy.JsonPatch),
    );
    expect(patched.spec?.unschedulable).toBe(true);
    const wrong = [{ op: 'test', path: '/status/nodeInfo/bootID', value: 'b2' }];
    await expect(core.patchNode({ name: 'n1', body: wrong })).rejects.toMatchObject({ code: 422 });
  });
  it('evicts, and reads what the budget says from the body', async () => {
    const pods = { namespace: 'default' };
    const containers = [{ name: 'c', image: 'c' }];
    await core.createNamespacedPod({
      ...pods,
      body: { metadata: { name: 'p', labels: { app: 'p' } }, spec: { nodeName: 'n1', containers } },
    });
    const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'p' } };
    await core.createNamespacedPodEviction({ ...pods, name: 'p', body: eviction });
    const pod = await core.readNamespacedPod({ ...pods, name: 'p' });
    expect(pod.metadata?.deletionTimestamp).toBeInstanceOf(Date);
  });
  it('watches', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const watch = await new Watch(config).watch(
      '/api/v1/nodes',
      {},
      (type: string, object: Json) =>
        resolve(`${type} ${isObject(object) ? textAt(object, 'metadata', 'name') : ''}`),
      () => undefined,
    );
    await expect(within(promise)).resolves.toBe('ADDED n1');
    watch.abort();
  });
});
