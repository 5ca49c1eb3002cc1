/**
 * The sentinel is taken away while its node is being drained: nothing was rebooted, and nothing has to be.
 */
import { describe, expect, it } from 'vitest';
import type { NodeReport } from '../../../src/reboot/nodes/node-report.ts';
import { minute } from '../../../src/reboot/time/time.ts';
import { aPerson, aReport } from '../../fakes/builders.ts';
import { serviceHarness, type ServiceHarness } from '../../fakes/service-harness.ts';

const node = 'worker-03';

async function drains(): Promise<{ readonly harness: ServiceHarness; readonly name: string }> {
  const harness = serviceHarness();
  harness.cluster.drains([]);
  const { name, need } = await harness.sentinel({ name: node });
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  expect(harness.reboot(name).state).toMatchObject({ phase: 'Draining', cordon: 'us' });
  return { harness, name };
}
async function reports(harness: ServiceHarness, overrides: Partial<NodeReport>): Promise<void> {
  harness.cluster.agentOf(node).report = aReport({ bootId: 'boot-1', packages: [], ...overrides });
  await harness.queue.reconcileNode(node);
  await harness.settle();
}

describe('a sentinel that is taken away in the middle of the drain', () => {
  it('ends the drain: no order, the node takes pods again, the turn is free, and it asks anew when the sentinel is back', async () => {
    const { harness, name } = await drains();
    await reports(harness, { required: 'no' });
    expect(harness.reboot(name)).toMatchObject({
      state: { phase: 'Superseded', why: 'no-longer-required', from: 'Draining' },
      cleanup: { endedAt: expect.any(String) },
    });
    expect(harness.cluster.node(node).unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
    await harness.pass(20 * minute);
    expect(harness.cluster.log.filter((entry) => entry.startsWith('order'))).toEqual([]);
    await reports(harness, { required: 'yes', packages: aReport().packages });
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Pending', approvals: [] });
  });

  it.each<[string, Partial<NodeReport>]>([
    ['cannot be read', { required: 'unknown', reason: 'run is gone' }],
    ['is told of by the report of another boot', { required: 'no', bootId: 'boot-0' }],
  ])('but not one that %s: it may still ask', async (_, report) => {
    const { harness, name } = await drains();
    await reports(harness, report);
    expect(harness.reboot(name).state.phase).toBe('Draining');
    expect(harness.cluster.node(node).unschedulable).toBe(true);
  });

  it('nor where a person asks for the reboot, whatever the signals say', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    await harness.sentinel({ name: node });
    const [{ name } = expect.unreachable()] = harness.store.all();
    await harness.service.decide(name, { kind: 'deny', reason: 'later' }, aPerson());
    await harness.service.request(node, 'firmware', { person: aPerson(), channel: 'C0OPS' });
    await harness.settle();
    const { digest } = harness.reboot(name).need;
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
    await harness.settle();
    await reports(harness, { required: 'no' });
    expect(harness.reboot(name).state.phase).toBe('Draining');
  });

  it('after the order changes nothing: the host may be on its way down', async () => {
    const harness = serviceHarness();
    const { name, need } = await harness.sentinel({ name: node });
    await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
    await harness.settle();
    await reports(harness, { required: 'no' });
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
    expect(harness.cluster.agentOf(node).endBoot).toBe('boot-1');
  });
});
