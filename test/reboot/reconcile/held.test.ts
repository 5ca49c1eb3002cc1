/**
 * A start that a gate outside of the plan blocks: checked just before, shown, checked again, without blocking
 * other starts.
 */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { gateRetryInterval } from '../../../src/reboot/deadlines/next-wake.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const firing: Blocker = {
  code: 'alerts-firing',
  sentence: 'Alert KubeAPIDown is firing.',
  clears: 'It starts when it has cleared.',
};

async function approve(harness: ServiceHarness, name: string): Promise<void> {
  const { digest } = harness.reboot(name).need;
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await harness.settle();
}
const phase = (harness: ServiceHarness, name: string): string => harness.reboot(name).state.phase;

describe('a node that the outside holds back', () => {
  it('is not disturbed, takes no turn, and its card says what is in the way', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: 'w1' });
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, name);
    expect(phase(harness, name)).toBe('Approved');
    expect(harness.cluster.node('w1').unschedulable).toBe(false);
    expect(harness.ledger.now().turns).toEqual([]);
    expect(harness.chat.cards.get(name)?.blockers).toEqual([firing]);
  });

  it('starts soon after that has cleared, without a scan', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: 'w1' });
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, name);
    await harness.pass(10 * minute);
    expect(phase(harness, name)).toBe('Approved');
    harness.gatekeeper.blocks.clear();
    await harness.pass(gateRetryInterval);
    expect(phase(harness, name)).not.toBe('Approved');
  });

  it('is not in the way of the next one, and is asked about again meanwhile', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ maxUnavailable: { count: 2 } })] }));
    const first = await harness.sentinel({ name: 'w1' });
    const other = await harness.sentinel({ name: 'w2' });
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, first.name);
    await approve(harness, other.name);
    expect(phase(harness, first.name)).toBe('Approved');
    expect(phase(harness, other.name)).not.toBe('Approved');
  });

  it('lets the one behind it start at once when it is held back only now', async () => {
    const harness = serviceHarness(aPolicy({ pools: [aPool({ maxUnavailable: { count: 2 } })] }));
    const first = await harness.sentinel({ name: 'w1' });
    const next = await harness.sentinel({ name: 'w2' });
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    await approve(harness, first.name);
    await approve(harness, next.name);
    harness.gatekeeper.blocks.set('w1', [firing]);
    await harness.pauses.lift({ kind: 'cluster' });
    await harness.service.planChanged();
    await harness.settle();
    expect(phase(harness, next.name)).not.toBe('Approved');
  });

  it('is asked about only when nothing else holds it back', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: 'w1' });
    await harness.pauses.put({ scope: { kind: 'cluster' } });
    await approve(harness, name);
    expect(harness.gatekeeper.asked).toEqual([]);
  });

  it('is written once for the same answer, however often it is asked', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: 'w1' });
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, name);
    // Its impact is made once more, before it could start.
    await harness.pass(2 * minute);
    const { version } = harness.reboot(name);
    await harness.pass(3 * minute);
    expect(harness.gatekeeper.asked.length).toBeGreaterThan(10);
    expect(harness.reboot(name).version).toBe(version);
  });

  it('is asked about at a steady pace, whatever else wakes it', async () => {
    const harness = serviceHarness();
    const { name } = await harness.sentinel({ name: 'w1' });
    harness.gatekeeper.blocks.set('w1', [firing]);
    await approve(harness, name);
    for (let look = 0; look < 20; look += 1) {
      await harness.pass(second);
      await harness.queue.reconcile(name);
      await harness.settle();
    }
    expect(new Set(harness.wakes.map(({ at }) => at)).size).toBeLessThanOrEqual(3);
  });
});
