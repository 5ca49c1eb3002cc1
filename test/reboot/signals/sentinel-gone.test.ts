/**
 * The sentinel is taken away while its node is being drained: nothing was rebooted, and nothing has to be.
 */
import { describe, expect, it } from 'vitest';
import type { NodeReport } from '../../../src/reboot/nodes/node-report.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aPerson, aReport } from '../../fakes/builders.ts';
import { fakeHouse, type FakeHouse } from '../../fakes/fake-house.ts';

const node = 'worker-03';

async function drains(): Promise<{ readonly house: FakeHouse; readonly name: string }> {
  const house = fakeHouse();
  house.cluster.drains([]);
  const { name, need } = await house.sentinel({ name: node });
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await house.settle();
  expect(house.reboot(name).state).toMatchObject({ phase: 'Draining', cordon: 'us' });
  return { house, name };
}
async function reports(house: FakeHouse, overrides: Partial<NodeReport>): Promise<void> {
  house.cluster.agentOf(node).report = aReport({ bootId: 'boot-1', packages: [], ...overrides });
  await house.queue.reconcileNode(node);
  await house.settle();
}

describe('a sentinel that is taken away in the middle of the drain', () => {
  it('ends the drain: no order, the node takes pods again, the turn is free, and it asks anew when the sentinel is back', async () => {
    const { house, name } = await drains();
    await reports(house, { required: 'no' });
    expect(house.reboot(name)).toMatchObject({
      state: { phase: 'Superseded', why: 'no-longer-required', from: 'Draining' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(house.cluster.node(node).unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
    await house.pass(20 * minute);
    expect(house.cluster.log.filter((entry) => entry.startsWith('order'))).toEqual([]);
    await reports(house, { required: 'yes', packages: aReport().packages });
    expect(house.reboot(name).state).toMatchObject({ phase: 'Pending', approvals: [] });
  });

  it.each<[string, Partial<NodeReport>]>([
    ['cannot be read', { required: 'unknown', reason: 'run is gone' }],
    ['is told of by the report of another boot', { required: 'no', bootId: 'boot-0' }],
  ])('but not one that %s: it may still ask', async (_, report) => {
    const { house, name } = await drains();
    await reports(house, report);
    expect(house.reboot(name).state.phase).toBe('Draining');
    expect(house.cluster.node(node).unschedulable).toBe(true);
  });

  it('nor where a person asks for the reboot, whatever the signals say', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    await house.sentinel({ name: node });
    const [{ name } = expect.unreachable()] = house.store.all();
    await house.service.decide(name, { kind: 'deny', reason: 'later' }, aPerson());
    await house.service.request(node, 'firmware', { person: aPerson(), channel: 'C0OPS' });
    await house.settle();
    const { digest } = house.reboot(name).need;
    await house.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
    await house.settle();
    await reports(house, { required: 'no' });
    expect(house.reboot(name).state.phase).toBe('Draining');
  });

  it('after the order changes nothing: the host may be on its way down', async () => {
    const house = fakeHouse();
    const { name, need } = await house.sentinel({ name: node });
    await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
    await house.settle();
    await reports(house, { required: 'no' });
    expect(house.reboot(name).state.phase).toBe('Rebooting');
    expect(house.cluster.agentOf(node).endBoot).toBe('boot-1');
  });
});
