/** Calls of the ports during a settle of 60 s, on the virtual clock, with events and resyncs meanwhile. */
import { expect, it } from 'vitest';
import { second } from '../../../src/reboot/time/time.ts';
import { aPerson } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

/** Counts the calls of some methods while `counts` holds; the calls go on to work. */
function countCalls<T extends object>(
  port: T,
  methods: readonly (keyof T & string)[],
  counts: () => boolean,
): () => number {
  let calls = 0;
  for (const method of methods) {
    const real = port[method] as (...args: unknown[]) => unknown;
    Object.assign(port, {
      [method]: (...args: unknown[]) => {
        if (counts()) calls += 1;
        return real(...args);
      },
    });
  }
  return () => calls;
}

it('costs less than half of 28 reads, 14 observations and 13 renders, which it cost before', async () => {
  const harness = serviceHarness();
  const { name, need } = await harness.sentinel();
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, aPerson());
  await harness.settle();
  await harness.pass(20 * second);
  const settles = (): boolean => harness.reboot(name).state.phase === 'Settling';
  const reads = countCalls(harness.store, ['get', 'latest'], settles);
  const writes = countCalls(harness.store, ['save'], settles);
  const observations = countCalls(harness.cluster, ['observe'], settles);
  const lists = countCalls(harness.cluster, ['daemonPods'], settles);
  const renders = countCalls(harness.chat, ['show'], settles);
  await harness.boots('worker-03');
  for (let passed = 10; passed <= 60; passed += 10) {
    await harness.pass(10 * second);
    // A resync every 30 s, and a watch event of the node, which is Ready now.
    if (passed % 30 === 20) await harness.service.resync();
    else if (passed === 10) await harness.queue.reconcileNode('worker-03');
    await harness.settle();
  }
  expect(harness.reboot(name)).toMatchObject({
    state: { phase: 'Succeeded' },
    cleanup: { endedAt: expect.any(String) },
  });
  expect(harness.chat.cards.get(name)?.reboot.state.phase).toBe('Succeeded');
  const calls = { reads: reads(), observations: observations(), lists: lists() };
  // Two of the reads and writes store the hash of an edited card.
  expect(calls).toEqual({ reads: 11, observations: 1, lists: 2 });
  expect({ renders: renders(), writes: writes() }).toEqual({ renders: 2, writes: 4 });
});
