/** A lost compare-and-swap is repeated on what is known by then, and else on a read. */
import { expect, it } from 'vitest';
import { aPerson } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

/** Decides while another write comes first; returns how often the Reboot was read from the API server. */
async function readsOf(harness: ServiceHarness, other: (name: string) => void): Promise<number> {
  const { name } = await harness.sentinel();
  const get = harness.store.get.bind(harness.store);
  const save = harness.store.save.bind(harness.store);
  let reads = 0;
  harness.store.get = async (...args) => {
    reads += 1;
    return get(...args);
  };
  harness.store.save = async (reboot) => {
    harness.store.save = save;
    other(name);
    return save(reboot);
  };
  const decided = await harness.service.decide(name, { kind: 'deny', reason: 'no' }, aPerson());
  expect(decided.ok).toBe(true);
  expect(harness.reboot(name).state.phase).toBe('Denied');
  return reads;
}

it('a decision that lost to a write of this process is repeated without a read', async () => {
  const harness = serviceHarness();
  expect(await readsOf(harness, (name) => harness.store.touch(name))).toBe(0);
});

it('a decision that lost to a write that this process does not know is repeated on a read', async () => {
  const harness = serviceHarness();
  const reads = await readsOf(harness, (name) => {
    const known = harness.reboot(name);
    harness.store.latest = async () => known;
    harness.store.touch(name);
  });
  expect(reads).toBe(1);
});
