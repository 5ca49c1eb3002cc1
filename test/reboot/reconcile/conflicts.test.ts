/** A lost compare-and-swap is repeated on what is known by then, and else on a read. */
import { expect, it } from 'vitest';
import { aPerson } from '../../fakes/builders.ts';
import { type FakeHouse, fakeHouse } from '../../fakes/fake-house.ts';

/** Decides while another write comes first; returns how often the Reboot was read from the API server. */
async function readsOf(house: FakeHouse, other: (name: string) => void): Promise<number> {
  const { name } = await house.sentinel();
  const get = house.store.get.bind(house.store);
  const save = house.store.save.bind(house.store);
  let reads = 0;
  house.store.get = async (...args) => {
    reads += 1;
    return get(...args);
  };
  house.store.save = async (reboot) => {
    house.store.save = save;
    other(name);
    return save(reboot);
  };
  const decided = await house.service.decide(name, { kind: 'deny', reason: 'no' }, aPerson());
  expect(decided.ok).toBe(true);
  expect(house.reboot(name).state.phase).toBe('Denied');
  return reads;
}

it('a decision that lost to a write of this process is repeated without a read', async () => {
  const house = fakeHouse();
  expect(await readsOf(house, (name) => house.store.touch(name))).toBe(0);
});

it('a decision that lost to a write that this process does not know is repeated on a read', async () => {
  const house = fakeHouse();
  const reads = await readsOf(house, (name) => {
    const known = house.reboot(name);
    house.store.latest = async () => known;
    house.store.touch(name);
  });
  expect(reads).toBe(1);
});
