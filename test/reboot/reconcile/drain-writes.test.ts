/** What a drain stores of itself, and how often. */
import { describe, expect, it } from 'vitest';
import type { DrainProgress } from '../../../src/reboot/state/drain-facts.ts';
import { aPerson, aPolicy, aPool, at } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const progress: DrainProgress = { at: at(1), total: 3, gone: 3, leaving: [], waiting: [], trouble: [] };

async function approved(harness: ServiceHarness): Promise<string> {
  const { name, need } = await harness.sentinel();
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  return name;
}

describe('the last progress of a drain', () => {
  it('is stored by the write that stores its end', async () => {
    const harness = serviceHarness(
      aPolicy({ pools: [aPool({ hooks: { ...aPool().hooks, rebootDelay: 60_000 } })] }),
    );
    harness.cluster.drains([
      { kind: 'progress', progress, last: true },
      { kind: 'drained', pods: 3 },
    ]);
    const phases: unknown[] = [];
    const save = harness.store.save.bind(harness.store);
    harness.store.save = async (reboot) => {
      if (reboot.state.phase === 'Draining' && reboot.state.drain !== undefined)
        phases.push(reboot.state.rebootDelay?.pods);
      return save(reboot);
    };
    const name = await approved(harness);
    await harness.settle();
    expect(phases[0]).toBe(3);
    expect(harness.reboot(name).state).toMatchObject({ phase: 'Draining', drain: { total: 3, gone: 3 } });
  });
});

describe('the first progress of a drain', () => {
  it('is stored before the drain goes on, which ends there where others have cancelled it', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    await harness.settle();
    const known = harness.reboot(name);
    await harness.service.decide(name, { kind: 'cancel' }, aPerson());
    // The watch does not show it yet.
    harness.store.latest = async () => known;
    let evicted = 0;
    harness.cluster.drain = async function* () {
      yield { kind: 'progress', progress: { ...progress, gone: 0 } };
      evicted += 1;
      yield { kind: 'drained', pods: 3 };
    };
    await harness.service.drain(name, new AbortController().signal);
    expect(evicted).toBe(0);
    expect(harness.reboot(name).state.phase).toBe('Cancelled');
  });

  it('begins also where the watch does not show the cordon yet', async () => {
    const harness = serviceHarness();
    harness.cluster.drains([]);
    const name = await approved(harness);
    const waiting = harness.reboot(name);
    await harness.settle();
    harness.store.latest = async () => waiting;
    harness.cluster.drains([{ kind: 'drained', pods: 3 }]);
    await harness.service.drain(name, new AbortController().signal);
    expect(harness.reboot(name).state.phase).toBe('Rebooting');
  });
});
