/** A reboot that somebody asks for with kubectl, by an annotation of the node. */
import { expect, it } from 'vitest';
import type { NodeReport } from '../../../src/reboot/nodes/node-report.ts';
import { aNode, aPerson, aPolicy, aPool, aReport } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const quiet = (bootId = 'boot-1'): NodeReport => aReport({ required: 'no', packages: [], bootId });

function harness(change: { readonly report?: NodeReport; readonly selector?: string } = {}) {
  const { report, selector = '' } = change;
  const all = serviceHarness(aPolicy({ pools: [aPool({ selector })] }));
  const node = aNode({ name: 'w1', bootId: 'boot-1', requested: 'new firmware' });
  all.cluster.addNode(node, report === undefined ? {} : { report });
  const look = async (): Promise<void> => {
    await all.queue.reconcileNode('w1');
    await all.settle();
  };
  return { ...all, look };
}

it('is a Reboot that waits for a decision, named by the annotation and its reason, and the annotation is gone', async () => {
  const { cluster, store, look } = harness({ report: quiet() });
  await look();
  expect(store.all()).toMatchObject([
    {
      state: { phase: 'Pending' },
      need: {
        person: { by: { kind: 'kubernetes', name: 'somebody with kubectl' } },
        askedBy: [{ name: 'somebody with kubectl', reason: 'new firmware' }],
      },
    },
  ]);
  expect(cluster.node('w1').requested).toBeUndefined();
});

it('names who asks where the API server has compared the name with its writer', async () => {
  const { cluster, store, look } = harness({ report: quiet() });
  cluster.node('w1').requestedBy = 'mia@example.com';
  await look();
  expect(store.all()).toMatchObject([
    { need: { person: { by: { kind: 'kubernetes', name: 'Kubernetes user mia@example.com' } } } },
  ]);
  expect(cluster.node('w1')).not.toHaveProperty('requestedBy');
});

it('names nobody where it has not', async () => {
  const { cluster, store, look } = harness({ report: quiet() });
  cluster.node('w1').requestedBy = 'mia@example.com';
  cluster.provesRequesters = false;
  await look();
  expect(store.all()).toMatchObject([{ need: { person: { by: { name: 'somebody with kubectl' } } } }]);
  expect(JSON.stringify(store.all())).not.toContain('mia@example.com');
});

it('is not asked for again by the boot that follows', async () => {
  const { cluster, store, look } = harness({ report: quiet() });
  await look();
  cluster.node('w1').bootId = 'boot-2';
  cluster.agentOf('w1').report = quiet('boot-2');
  await look();
  expect(store.all().map(({ bootId }) => bootId)).toEqual(['boot-1']);
});

it('waits for the agent, without whom nobody could carry it out, and is found by the scan', async () => {
  const all = harness();
  await all.look();
  expect([all.store.all(), all.cluster.node('w1').requested]).toEqual([[], 'new firmware']);
  all.cluster.agentOf('w1').report = quiet();
  await all.service.resync();
  await all.settle();
  expect([all.store.all().length, all.cluster.node('w1').requested]).toEqual([1, undefined]);
});

it('stays where no pool owns the node', async () => {
  const { cluster, store, look } = harness({ report: quiet(), selector: 'role=other' });
  await look();
  expect([store.all(), cluster.node('w1').requested]).toEqual([[], 'new firmware']);
});

it('made twice, since a crash came before the annotation was taken away, is one Reboot', async () => {
  const { cluster, store, look } = harness({ report: quiet() });
  await look();
  cluster.node('w1').requested = 'new firmware';
  await look();
  expect([store.all().length, cluster.node('w1').requested]).toEqual([1, undefined]);
});

it('wakes what was denied, as a person who asks does', async () => {
  const { cluster, store, service, look } = harness({ report: quiet() });
  await look();
  const name = store.all()[0]?.name ?? '';
  await service.decide(name, { kind: 'deny', reason: 'no' }, aPerson());
  cluster.node('w1').requested = 'now it is urgent';
  await look();
  expect(store.all()).toMatchObject([
    { state: { phase: 'Pending' }, need: { person: { reason: 'now it is urgent' } } },
  ]);
});
