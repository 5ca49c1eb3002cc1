/** A rollout of a dozen nodes from its canary to its end, several at a time. */
import { expect, it } from 'vitest';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { serviceHarness } from '../../fakes/service-harness.ts';

const names = Array.from({ length: 12 }, (_, n) => `n${n + 1}`);
const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart', ready: 3 } as const;

it('goes through canary and batches, as many at a time as there are turns, and compares once for each stage', async () => {
  const pool = aPool({
    concurrency: 3,
    maxUnavailable: { count: 3 },
    settleTime: 5 * second,
    rollout: { canary: 1, bake: 10 * minute, batches: [50, 100] },
  });
  const harness = serviceHarness(aPolicy({ concurrency: 3, pools: [pool] }));
  harness.cluster.workloads = [cart];
  for (const name of names) {
    const { name: reboot, need } = await harness.sentinel({ name, uid: `uid-${name}` });
    const request = { kind: 'approve', mode: 'now', digest: need.digest } as const;
    await harness.service.decide(reboot, request, aPerson());
  }
  await harness.settle();

  const inPhase = (phase: string): readonly string[] =>
    harness.store.all().flatMap(({ node, state }) => (state.phase === phase ? [node.name] : []));
  /** What was done when each of the nodes was told to reboot that were under way together. */
  const told: { readonly done: number; readonly together: number }[] = [];
  const digest = () => [...harness.chat.cards.values()].find(({ rollout }) => rollout)?.rollout;
  for (let round = 0; inPhase('Succeeded').length < names.length; round += 1) {
    if (round > 50)
      throw new Error(`stuck: ${JSON.stringify(harness.store.all().map(({ state }) => state))}`);
    const underWay = inPhase('Rebooting');
    expect(digest()).toMatchObject({ done: inPhase('Succeeded').length });
    if (underWay.length === 0) {
      await harness.pass(minute);
      continue;
    }
    told.push({ done: inPhase('Succeeded').length, together: underWay.length });
    for (const name of underWay) await harness.boots(name);
    await harness.pass(6 * second);
  }

  expect(told).toEqual([
    { done: 0, together: 1 },
    { done: 1, together: 3 },
    { done: 4, together: 2 },
    { done: 6, together: 3 },
    { done: 9, together: 3 },
  ]);
  const comparing = harness.gatekeeper.questions.filter(({ before }) => before !== undefined);
  const [canary] = comparing;
  expect(canary?.before).toEqual([{ ...cart, node: 'n1' }]);
  expect(comparing.length).toBe(2);
  expect(digest()).toMatchObject({ done: 12, size: 12, failures: 0, endedAt: expect.any(Number) });
});
