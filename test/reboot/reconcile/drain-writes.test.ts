/** What a drain stores of itself, and how often. */
import { describe, expect, it } from 'vitest';
import type { DrainProgress } from '../../../src/reboot/state/drain-facts.ts';
import { aPerson, aPolicy, aPool, at } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

const progress: DrainProgress = { at: at(1), total: 3, gone: 3, leaving: [], waiting: [], trouble: [] };

async function approved(house: FakeHouse): Promise<string> {
  const { name, need } = await house.sentinel();
  await house.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  return name;
}

describe('the last progress of a drain', () => {
  it('is stored by the write that stores its end', async () => {
    const house = fakeHouse(
      aPolicy({ pools: [aPool({ hooks: { ...aPool().hooks, rebootDelay: 60_000 } })] }),
    );
    house.cluster.drains([
      { kind: 'progress', progress, last: true },
      { kind: 'drained', pods: 3 },
    ]);
    const phases: unknown[] = [];
    const save = house.store.save.bind(house.store);
    house.store.save = async (reboot) => {
      if (reboot.state.phase === 'Draining' && reboot.state.drain !== undefined)
        phases.push(reboot.state.rebootDelay?.pods);
      return save(reboot);
    };
    const name = await approved(house);
    await house.settle();
    expect(phases[0]).toBe(3);
    expect(house.reboot(name).state).toMatchObject({ phase: 'Draining', drain: { total: 3, gone: 3 } });
  });
});

describe('the first progress of a drain', () => {
  it('is stored before the drain goes on, which ends there where others have cancelled it', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    await house.settle();
    const known = house.reboot(name);
    await house.service.decide(name, { kind: 'cancel' }, aPerson());
    // The watch does not show it yet.
    house.store.latest = async () => known;
    let evicted = 0;
    house.cluster.drain = async function* () {
      yield { kind: 'progress', progress: { ...progress, gone: 0 } };
      evicted += 1;
      yield { kind: 'drained', pods: 3 };
    };
    await house.service.drain(name, new AbortController().signal);
    expect(evicted).toBe(0);
    expect(house.reboot(name).state.phase).toBe('Cancelled');
  });

  it('begins also where the watch does not show the cordon yet', async () => {
    const house = fakeHouse();
    house.cluster.drains([]);
    const name = await approved(house);
    const waiting = house.reboot(name);
    await house.settle();
    house.store.latest = async () => waiting;
    house.cluster.drains([{ kind: 'drained', pods: 3 }]);
    await house.service.drain(name, new AbortController().signal);
    expect(house.reboot(name).state.phase).toBe('Rebooting');
  });
});
