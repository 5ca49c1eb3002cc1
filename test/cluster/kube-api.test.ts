import { afterAll, beforeAll, expect, it } from 'vitest';
import { kubeApiContract } from '../contracts/kube-api-contract.ts';
import { definitionContract } from '../demo/kube/definition-contract.ts';
import { expiryContract } from '../demo/kube/expiry-contract.ts';
import { createKubeFixture } from '../demo/kube/kube-fixture.ts';
import { refusalContract } from '../demo/kube/refusal-contract.ts';
import { type RawKube, rawKube } from '../demo/kube/raw-kube.ts';
import { until } from '../k8s/world/until.ts';
import { countByUserAgent } from './harness/audit-log.ts';
import type { ControlPlane } from './harness/control-plane.ts';
import { openContractWorld } from './harness/contract-world.ts';
import { kubeconfigText } from './harness/credentials.ts';
import { bot, installChart } from './harness/install-chart.ts';
import { kubectlOrThrow } from './harness/kubectl.ts';
import { onCluster } from './harness/on-cluster.ts';
import { startTcpProxy, type TcpProxy } from './harness/tcp-proxy.ts';
import type { TestCluster } from './harness/test-cluster.ts';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

// The contract writes the statuses of budgets itself, and binds pods to nodes that are nobody's.
const needs = {
  controllers: ['serviceaccount-controller', 'namespace-controller'],
  scheduler: false,
  notOnGiven:
    'the contract of the API wants a cluster without a disruption controller, and restarts the API server',
};

const planeOf = ({ plane }: TestCluster): ControlPlane => {
  if (plane === undefined) throw new Error('this cluster is not ours to restart');
  return plane;
};

/** History goes from etcd by compaction, and from the API server's cache by a restart. */
async function forget(plane: ControlPlane): Promise<void> {
  await plane.compact();
  await plane.stopApiServer();
  await plane.startApiServer();
}

onCluster('a real API server', needs, (cluster) => {
  const plane = (): ControlPlane => planeOf(cluster());
  beforeAll(async () => {
    const role = ['create', 'clusterrole', 'reader', '--verb=get,list,watch', '--resource=nodes'];
    await kubectlOrThrow(cluster().kubectl, role);
    const binding = ['create', 'clusterrolebinding', 'reader', '--clusterrole=reader', '--user=reader'];
    await kubectlOrThrow(cluster().kubectl, binding);
  });

  kubeApiContract('kube-apiserver', async () => ({
    url: cluster().url,
    token: (kind) => plane().token(kind),
    readerName: 'reader',
    close: async () => undefined,
  }));

  const kube = (): RawKube => rawKube(cluster().url, plane().token('admin'));
  const fixture = createKubeFixture(kube);
  refusalContract(fixture, kube);
  definitionContract(fixture, kube);
  expiryContract(fixture, kube, () => ({ forget: () => forget(plane()) }));
});

onCluster('a bot that is cut off from a real API server', needs, (cluster) => {
  let door: TcpProxy;
  beforeAll(async () => {
    await installChart(cluster());
    door = await startTcpProxy(Number(new URL(cluster().url).port));
  });
  afterAll(() => door.close());

  it('lists again when its position is forgotten, and shows all that it has missed', async () => {
    const world = await openContractWorld(cluster());
    const { hand } = world;
    const kubeconfig = join(planeOf(cluster()).directory, 'through-the-door.kubeconfig');
    const address = { url: `https://127.0.0.1:${door.port}`, ca: cluster().ca };
    writeFileSync(kubeconfig, kubeconfigText(address, await cluster().tokenOf(bot)));
    for (const name of ['n1', 'n2']) await hand.addNode(name);
    const kube = world.connect({ kubeconfig });
    const told: string[] = [];
    await kube.start((change) => void told.push(JSON.stringify(change)), new AbortController().signal);
    expect(kube.cluster.nodes().map(({ name }) => name)).toEqual(['n1', 'n2']);

    door.shut();
    told.length = 0;
    await hand.setReady('n1', false);
    await hand.removeNode('n2');
    await hand.addNode('n3');
    await forget(planeOf(cluster()));
    door.open();

    await until(
      'the watch shows what has become of the nodes',
      () =>
        kube.cluster
          .nodes()
          .map(({ name }) => name)
          .join() === 'n1,n3',
      40_000,
    );
    expect(kube.cluster.nodes()[0]?.ready).toBe(false);
    for (const node of ['n1', 'n2', 'n3']) expect(told).toContain(JSON.stringify({ kind: 'node', node }));
    const lists = planeOf(cluster())
      .requests()
      .filter(
        ({ userAgent, verb, uri }) =>
          userAgent === 'tugboot/0.1.0' && verb === 'list' && uri.startsWith('/api/v1/nodes'),
      );
    expect(lists).toHaveLength(2);
    await world.close();
  });

  it('is told apart from everybody else in the audit log, request by request', async () => {
    const world = await openContractWorld(cluster());
    const requests = (): number =>
      countByUserAgent(planeOf(cluster()).requests()).get('tugboot/counted') ?? 0;
    const kube = world.connect({ version: 'counted' });
    expect(requests()).toBe(0);
    await kube.store.get('none');
    await kube.ledger.read();
    expect(requests()).toBe(2);
    await world.close();
  });
});
