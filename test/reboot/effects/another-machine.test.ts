/** A machine that takes over the name of a node whose reboot is under way: nothing of it is ours. */
import { expect, it } from 'vitest';
import { aNode, aPerson, aReport } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const node = 'worker-03';

it('another machine of the name keeps its cordon, and nobody is told to uncordon it', async () => {
  const harness = serviceHarness();
  const { name, need } = await harness.sentinel({ name: node });
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  expect(harness.reboot(name).state.phase).toBe('Rebooting');

  harness.cluster.addNode(aNode({ name: node, uid: 'another', bootId: 'boot-9', unschedulable: true }), {
    report: aReport({ required: 'no', packages: [], bootId: 'boot-9' }),
  });
  await harness.queue.reconcileNode(node);
  await harness.settle();

  const { state, cleanup } = harness.reboot(name);
  expect(state).toMatchObject({ phase: 'Superseded', why: 'node-replaced' });
  expect(cleanup).toMatchObject({ endedAt: expect.any(String) as string });
  expect(cleanup?.staysCordoned).toBeUndefined();
  expect(harness.cluster.node(node)).toMatchObject({ unschedulable: true });
  expect(harness.cluster.events.map(({ reason }) => reason)).not.toContain('RebootStaysCordoned');
});
