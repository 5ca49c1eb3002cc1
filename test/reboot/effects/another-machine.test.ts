/** A machine that takes over the name of a node whose reboot is under way: nothing of it is ours. */
import { expect, it } from 'vitest';
import { aNode, aPerson, aReport } from '../../fakes/builders.ts';
import { fakeHouse } from '../../fakes/fake-house.ts';

const node = 'worker-03';

it('another machine of the name keeps its cordon, and nobody is told to uncordon it', async () => {
  const house = fakeHouse();
  const { name, need } = await house.sentinel({ name: node });
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await house.settle();
  expect(house.reboot(name).state.phase).toBe('Rebooting');

  house.cluster.addNode(aNode({ name: node, uid: 'another', bootId: 'boot-9', unschedulable: true }), {
    report: aReport({ required: 'no', packages: [], bootId: 'boot-9' }),
  });
  await house.queue.reconcileNode(node);
  await house.settle();

  const { state, cleanup } = house.reboot(name);
  expect(state).toMatchObject({ phase: 'Superseded', why: 'node-replaced' });
  expect(cleanup).toMatchObject({ endedAt: expect.any(String) as string });
  expect(cleanup?.staysCordoned).toBeUndefined();
  expect(house.cluster.node(node)).toMatchObject({ unschedulable: true });
  expect(house.cluster.events.map(({ reason }) => reason)).not.toContain('RebootStaysCordoned');
});
