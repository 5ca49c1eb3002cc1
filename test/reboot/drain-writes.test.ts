/** What a drain stores of itself, and how often. */
import { describe, expect, it } from 'vitest';
import type { DrainProgress } from '../../src/reboot/state/drain-facts.ts';
import { aPerson, aPolicy, aPool, at } from '../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../fakes/fake-house.ts';

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
