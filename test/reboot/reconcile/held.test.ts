/** A start that the outside holds back: asked just before, told, asked again, and in nobody else's way. */
import { describe, expect, it } from 'vitest';
import type { Blocker } from '../../../src/reboot/scheduling/blockers/blockers.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { gateRetryInterval } from '../../../src/reboot/deadlines/next-wake.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const firing: Blocker = {
  code: 'alerts-firing',
  sentence: 'Alert KubeAPIDown is firing.',
  clears: 'It starts when it has cleared.',
};

async function approve(house: FakeHouse, name: string): Promise<void> {
  const { digest } = house.reboot(name).need;
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest }, aPerson());
  await house.settle();
}
const phase = (house: FakeHouse, name: string): string => house.reboot(name).state.phase;

describe('a node that the outside holds back', () => {
  it('is not disturbed, takes no turn, and its card says what is in the way', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: 'w1' });
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, name);
    expect(phase(house, name)).toBe('Approved');
    expect(house.cluster.node('w1').unschedulable).toBe(false);
    expect(house.ledger.now().turns).toEqual([]);
    expect(house.chat.shown.get(name)?.blockers).toEqual([firing]);
  });

  it('starts soon after that has cleared, without a scan', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: 'w1' });
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, name);
    await house.pass(10 * minute);
    expect(phase(house, name)).toBe('Approved');
    house.gatekeeper.blocks.clear();
    await house.pass(gateRetryInterval);
    expect(phase(house, name)).not.toBe('Approved');
  });

  it('is not in the way of the next one, and is asked about again meanwhile', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ maxUnavailable: { count: 2 } })] }));
    const first = await house.sentinel({ name: 'w1' });
    const other = await house.sentinel({ name: 'w2' });
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, first.name);
    await approve(house, other.name);
    expect(phase(house, first.name)).toBe('Approved');
    expect(phase(house, other.name)).not.toBe('Approved');
  });

  it('lets the one behind it start at once when it is held back only now', async () => {
    const house = fakeHouse(aPolicy({ pools: [aPool({ maxUnavailable: { count: 2 } })] }));
    const first = await house.sentinel({ name: 'w1' });
    const next = await house.sentinel({ name: 'w2' });
    await house.pauses.put({ scope: { kind: 'cluster' } });
    await approve(house, first.name);
    await approve(house, next.name);
    house.gatekeeper.blocks.set('w1', [firing]);
    await house.pauses.lift({ kind: 'cluster' });
    await house.service.planChanged();
    await house.settle();
    expect(phase(house, next.name)).not.toBe('Approved');
  });

  it('is asked about only when nothing else holds it back', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: 'w1' });
    await house.pauses.put({ scope: { kind: 'cluster' } });
    await approve(house, name);
    expect(house.gatekeeper.asked).toEqual([]);
  });

  it('is written once for the same answer, however often it is asked', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: 'w1' });
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, name);
    // Its impact is made once more, before it could start.
    await house.pass(2 * minute);
    const { version } = house.reboot(name);
    await house.pass(3 * minute);
    expect(house.gatekeeper.asked.length).toBeGreaterThan(10);
    expect(house.reboot(name).version).toBe(version);
  });

  it('is asked about at a steady pace, whatever else wakes it', async () => {
    const house = fakeHouse();
    const { name } = await house.sentinel({ name: 'w1' });
    house.gatekeeper.blocks.set('w1', [firing]);
    await approve(house, name);
    for (let look = 0; look < 20; look += 1) {
      await house.pass(second);
      await house.queue.reconcile(name);
      await house.settle();
    }
    expect(new Set(house.wakes.map(({ at }) => at)).size).toBeLessThanOrEqual(3);
  });
});
