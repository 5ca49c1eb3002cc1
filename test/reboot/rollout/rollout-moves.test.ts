/**
 * A rollout that is halted while the edges of its stages move: they follow from the size of the pool and from
 * its policy.
 */
import { describe, expect, it } from 'vitest';
import type { PoolPolicy } from '../../../src/reboot/policy/policy.ts';
import type { Approved, Reboot } from '../../../src/reboot/state/reboot.ts';
import { gateCheck } from '../../../src/reboot/state/stored-blockers.ts';
import { minute, second } from '../../../src/reboot/time/time.ts';
import { rolloutHalted } from '../../../src/reboot/nodes/workloads.ts';
import { aNode, aPerson, aPolicy, aPool } from '../../fakes/builders.ts';
import { type ServiceHarness, serviceHarness } from '../../fakes/service-harness.ts';

const cart = { kind: 'Deployment', namespace: 'shop', name: 'cart', ready: 3 } as const;
const person = aPerson();
const caller = { person, channel: 'C0OPS' };
const policyWith = (rollout: Partial<NonNullable<PoolPolicy['rollout']>> = {}) =>
  aPolicy({
    pools: [
      aPool({
        settleTime: 5 * second,
        rollout: { canary: 1, bake: minute, batches: [10, 100], ...rollout },
      }),
    ],
  });

const of = (harness: ServiceHarness, node: string): Reboot => {
  const found = harness.store.all().find((reboot) => reboot.node.name === node);
  if (!found) throw new Error(`no reboot of ${node}`);
  return found;
};
const asks = async (harness: ServiceHarness, node: string): Promise<void> => {
  const { name, need } = await harness.sentinel({ name: node, uid: `uid-${node}` });
  await harness.service.decide(name, { kind: 'approve', mode: 'now', digest: need.digest }, person);
  await harness.settle();
};
const done = async (harness: ServiceHarness, node: string): Promise<void> => {
  await harness.boots(node);
  await harness.pass(6 * second);
};
const grow = (harness: ServiceHarness, from: number, to: number): void => {
  for (let nth = from; nth <= to; nth += 1)
    harness.cluster.addNode(aNode({ name: `n${nth}`, uid: `uid-n${nth}` }), {});
};

/** Of twenty nodes two are done, as their tenth wants it; n3 has been told that it is halted. */
async function haltedAfterTheTenth(): Promise<ServiceHarness> {
  const harness = serviceHarness(policyWith());
  harness.cluster.workloads = [cart];
  for (const node of ['n1', 'n2', 'n3', 'n4']) await asks(harness, node);
  grow(harness, 5, 20);
  await done(harness, 'n1');
  await harness.pass(minute);
  await done(harness, 'n2');
  const halted = rolloutHalted('workers', [{ ...cart, node: 'n1' }], [{ ...cart, ready: 1, wanted: 3 }]);
  const ask = harness.gatekeeper.ask.bind(harness.gatekeeper);
  // As the real one: it halts every Reboot that has something to compare.
  harness.gatekeeper.ask = async (question) => [
    ...(await ask(question)),
    ...(halted && (question.before ?? []).length > 0 ? [halted] : []),
  ];
  await harness.pass(minute);
  expect(of(harness, 'n3').state).toMatchObject({ blockers: [{ code: 'rollout-halted' }] });
  return harness;
}

describe('a rollout that is halted', () => {
  it.each<[string, (harness: ServiceHarness) => void]>([
    ['its pool has grown', (harness) => grow(harness, 21, 40)],
    ['its canary is made larger', (harness) => harness.policy(policyWith({ canary: 3 }))],
    ['its canary takes the whole pool', (harness) => harness.policy(policyWith({ canary: 20 }))],
    ['its batches are others', (harness) => harness.policy(policyWith({ batches: [50, 100] }))],
  ])('stays halted when %s', async (_, changes) => {
    const harness = await haltedAfterTheTenth();
    changes(harness);
    await harness.pass(minute);
    expect(of(harness, 'n3').state.phase).toBe('Approved');
    expect(of(harness, 'n4').state.phase).toBe('Approved');
  });

  it.each<[string, (harness: ServiceHarness) => Promise<unknown>]>([
    [
      'was paused meanwhile, which takes back what was told',
      async (harness) => {
        await harness.service.pause({ what: 'workers' }, caller);
        await harness.pass(minute);
        expect(gateCheck(of(harness, 'n3').state as Approved)).toBeUndefined();
        await harness.service.resume('workers', caller);
      },
    ],
    [
      'lost the one that was told',
      (harness) => harness.service.decide(of(harness, 'n3').name, { kind: 'cancel' }, person),
    ],
  ])('and grows stays halted although it %s', async (_, happens) => {
    const harness = await haltedAfterTheTenth();
    await harness.pass(5 * minute);
    grow(harness, 21, 40);
    await happens(harness);
    await harness.service.resync();
    await harness.pass(minute);
    expect(harness.store.all().filter(({ state }) => state.phase === 'Rebooting')).toEqual([]);
  });
});

describe('a rollout that goes on inside a stage', () => {
  it('is compared when it has stood still for as long as a stage is watched: much may have happened since', async () => {
    const harness = serviceHarness(policyWith({ bake: 10 * minute, batches: [100] }));
    harness.cluster.workloads = [cart];
    for (const node of ['n1', 'n2', 'n3']) await asks(harness, node);
    grow(harness, 4, 20);
    await done(harness, 'n1');
    await harness.pass(10 * minute);
    await harness.service.pause({ what: 'workers' }, caller);
    await done(harness, 'n2');
    await harness.pass(20 * minute);
    await harness.service.resume('workers', caller);
    await harness.service.resync();
    await harness.settle();
    expect(harness.gatekeeper.questions.at(-1)).toMatchObject({
      node: { name: 'n3' },
      before: [{ ...cart, node: 'n1' }],
    });
    expect(of(harness, 'n3').state.phase).toBe('Rebooting');
  });
});
